import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, eventHandler, toNodeListener } from 'h3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkSender } from '../../../playground/server/utils/check-sender'

let server: Server
let host: string
beforeAll(async () => {
  server = createServer(toNodeListener(createApp().use(eventHandler((event) => {
    checkSender(event)
    return 'taken'
  }))))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

interface Sent { method?: string, path?: string, headers?: Record<string, string>, body?: string }

/** The status of the answer. Not by `fetch`, which would not let a test set every header. */
function statusOf({ method = 'POST', path = '/api/auth/sign-in', headers = {}, body = '' }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = 'transfer-encoding' in headers ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request(`http://${host}${path}`, { method, headers: { ...length, ...headers } }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    sent.on('error', reject).end(body)
  })
}

const JSON_BODY = { headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' }
const from = (headers: Record<string, string>, sent: Sent = JSON_BODY): Sent => ({ ...sent, headers: { ...sent.headers, ...headers } })

describe('F18: a request that may change something', () => {
  it('is taken from this app\'s own pages, and from programs that are no browser', async () => {
    expect(await statusOf(JSON_BODY)).toBe(200)
    expect(await statusOf(from({ 'origin': `http://${host}`, 'sec-fetch-site': 'same-origin' }))).toBe(200)
    expect(await statusOf(from({ 'origin': 'https://app.example', 'x-forwarded-host': 'app.example' })), 'behind a proxy').toBe(200)
    expect(await statusOf(from({ 'content-type': 'Application/JSON; charset=utf-8' }))).toBe(200)
    expect(await statusOf({}), 'nothing is sent with it').toBe(200)
  })

  it.each(['https://evil.example', 'null', 'not an origin', 'http://127.0.0.1', 'http://127.0.0.1:1', 'https://127.0.0.1.evil.example'])('is refused with the origin %s', async (origin) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const path of ['/api/auth/sign-in', '/api/auth/sign-out', '/api/workspaces', '/api/workspaces/w/members', '/api/_auth/session', '//api/workspaces', '/']) {
        expect(await statusOf(from({ origin }, { ...JSON_BODY, method, path })), `${method} ${path}`).toBe(403)
      }
    }
  })

  it.each(['cross-site', 'same-site'])('is refused when the browser calls it %s and hides the origin', async (site) => {
    expect(await statusOf(from({ 'sec-fetch-site': site }))).toBe(403)
    expect(await statusOf(from({ 'sec-fetch-site': site }, {})), 'without a body, too').toBe(403)
  })

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'text/plain; application/json', ''])('is refused as "%s": what a form can send is not JSON', async (type) => {
    expect(await statusOf({ headers: { 'content-type': type }, body: '{"name":"Ann"}' })).toBe(415)
  })

  it('is refused with a body that nothing is said of, or that is too large', async () => {
    expect(await statusOf({ body: '{"name":"Ann"}' })).toBe(415)
    expect(await statusOf({ ...JSON_BODY, body: `{"name":"${'x'.repeat(16 * 1024)}"}` })).toBe(413)
    expect(await statusOf(from({ 'transfer-encoding': 'chunked' }))).toBe(411)
  })
})

describe('everything else', () => {
  it('that changes nothing may be asked for from anywhere', async () => {
    expect(await statusOf({ method: 'GET', headers: { origin: 'https://evil.example' } })).toBe(200)
    expect(await statusOf({ method: 'HEAD', headers: { 'sec-fetch-site': 'cross-site' } })).toBe(200)
  })

  it('under /api/sync is left to the gateway, which has its own list of origins', async () => {
    expect(await statusOf({ path: '/api/sync/push', headers: { origin: 'https://allowed.example' } })).toBe(200)
    expect(await statusOf({ path: '/api/synchronous', headers: { origin: 'https://allowed.example' } })).toBe(403)
  })
})
