import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStream } from './support/open-stream'
import { startTestGateway } from './support/test-gateway'
import type { TestGateway } from './support/test-gateway'

const APP = 'https://app.example.com'
const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-or3-sync-protocol' }

let server: TestGateway
beforeAll(async () => { server = await startTestGateway({ allowedOrigins: [APP] }) })
afterAll(() => server.stop())

const preflight = (path: string, origin: string) => fetch(`${server.origin}/api/sync${path}`, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } })
const corsHeaders = (headers: Headers) => Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))

describe('origins', () => {
  it('on the allow-list get their preflight answered, with credentials and the headers of the protocol', async () => {
    const response = await preflight('/push', APP)
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(corsHeaders(response.headers)).toEqual({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'content-type,last-event-id,x-or3-sync-protocol,x-or3-sync-user',
      'access-control-expose-headers': 'retry-after',
      'access-control-max-age': '600',
    })
    expect(response.headers.get('vary')).toContain('origin')
  })

  it('on the allow-list may read replies, refusals and streams', async () => {
    const allowed = { 'access-control-allow-origin': APP, 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'retry-after' }
    for (const [user, status] of [['ada', 200], ['', 401]] as const) {
      const reply = await server.post('/pull', { scope: { workspaceId: 'w1' }, cursor: 0, limit: 1 }, user, { origin: APP })
      expect([reply.status, corsHeaders(reply.headers)]).toEqual([status, allowed])
    }
    const stream = await openStream(server, 'workspaceId=w1', { origin: APP })
    expect(corsHeaders(stream.response.headers)).toEqual(allowed)
    stream.close()
  })

  it('that are not on it, the server\'s own and none get no CORS header, and foreign ones get nothing else either', async () => {
    for (const origin of ['https://evil.example', `${APP}:8443`, APP.replace('https', 'http'), 'null']) {
      const response = await preflight('/push', origin)
      expect([response.status, corsHeaders(response.headers)], origin).toEqual([403, {}])
      expect((await server.get('/session', 'ada', { origin })).status, origin).toBe(403)
    }
    for (const headers of [{ origin: server.origin }, {}] as Record<string, string>[]) {
      const reply = await server.get('/session', 'ada', headers)
      expect([reply.status, corsHeaders(reply.headers)]).toEqual([200, {}])
    }
  })

  it('are none where no list is configured: not even a preflight passes', async () => {
    const plain = await startTestGateway()
    const response = await fetch(`${plain.origin}/api/sync/push`, { method: 'OPTIONS', headers: { origin: APP, ...PREFLIGHT } })
    expect([response.status, corsHeaders(response.headers)]).toEqual([403, {}])
    await plain.stop()
  })
})
