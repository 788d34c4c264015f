import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTokenIssuer, generateTokenKeys } from 'or3-sync/server'
import { USER_HEADER } from '#or3-sync/shared/sync/protocol/limits'
import { wireOp } from './support/make-op'
import { PEOPLE, startTestGateway, type ErrorReply, type TestGateway } from './support/test-gateway'

let server: TestGateway
beforeEach(async () => {
  PEOPLE.odd = { userId: 'Ann Müller/ü+%', workspaces: [{ id: 'w1', role: 'editor' }] }
  server = await startTestGateway({ tokens: await createTokenIssuer({ key: (await generateTokenKeys()).privateKey }), allowedOrigins: ['https://app.example.com'], rateLimits: { push: 1 } })
})
afterEach(async () => {
  delete PEOPLE.odd
  await server.stop()
})

const scope = { workspaceId: 'w1' }
const CALLS: Record<string, (user: string, headers: Record<string, string>) => Promise<{ status: number, body: ErrorReply }>> = {
  push: (user, headers) => server.post('/push', { scope, ops: [wireOp()] }, user, headers),
  pull: (user, headers) => server.post('/pull', { scope, cursor: 0, limit: 1 }, user, headers),
  cursor: (user, headers) => server.post('/cursor', { scope, deviceId: 'd', version: 0 }, user, headers),
  token: (user, headers) => server.get('/token', user, headers),
}
const subscribe = async (query: string, headers: Record<string, string>) => {
  const response = await fetch(`${server.origin}/api/sync/subscribe?workspaceId=w1${query}`, { headers: { 'x-user': 'bob', ...headers } })
  const code = response.ok ? null : (await response.json() as ErrorReply).data.code
  if (response.ok) await response.body?.cancel()
  return [response.status, code]
}
const changed = { status: 409, body: { statusCode: 409, statusMessage: 'Conflict', data: { code: 'USER_CHANGED' } } }

describe('F13: a request that is made for one user', () => {
  it.each(Object.keys(CALLS))('is refused when another one is signed in, and answered when the same one is: %s', async (route) => {
    expect(await CALLS[route]!('bob', { [USER_HEADER]: 'ada' })).toMatchObject(changed)
    expect((await CALLS[route]!('bob', { [USER_HEADER]: 'bob' })).status).toBe(200)
    expect((await server.pull({}, 'bob')).changes.map(({ pk }) => pk), 'what was refused was not stored').toEqual(route === 'push' ? ['a'] : [])
  })

  it('names the user percent-encoded, whatever characters the id has', async () => {
    expect((await CALLS.pull!('odd', { [USER_HEADER]: encodeURIComponent('Ann Müller/ü+%') })).status).toBe(200)
    expect(await CALLS.pull!('odd', { [USER_HEADER]: encodeURIComponent('Ann Müller/ü+%').toLowerCase() })).toMatchObject(changed)
    expect(await CALLS.pull!('bob', { [USER_HEADER]: '%E0%A4%A' })).toMatchObject({ status: 400, body: { data: { code: 'VALIDATION_ERROR' } } })
    expect(await CALLS.pull!('bob', { [USER_HEADER]: '' })).toMatchObject(changed)
  })

  it('A1: is not said to be for somebody else because a proxy has doubled the header', async () => {
    expect(await CALLS.pull!('bob', { [USER_HEADER]: 'bob, bob' })).toMatchObject({ status: 400, body: { data: { code: 'VALIDATION_ERROR' } } })
  })

  it('may name them in the query where headers cannot be set: streams', async () => {
    expect(await subscribe('&user=bob', {})).toEqual([200, null])
    expect(await subscribe('&user=ada', {})).toEqual([409, 'USER_CHANGED'])
    expect(await subscribe('&user=ada&user=bob', {}), 'two names are none').toEqual([409, 'USER_CHANGED'])
    expect(await subscribe('', { [USER_HEADER]: 'ada' })).toEqual([409, 'USER_CHANGED'])
    expect(await subscribe('&user=bob', { [USER_HEADER]: 'ada' })).toEqual([409, 'USER_CHANGED'])
  })

  it('is checked after origin, protocol and session, before rate, body and membership', async () => {
    const named = { [USER_HEADER]: 'ada' }
    const push = (user: string, headers: Record<string, string>, body = 'no JSON') => server.post<ErrorReply>('/push', body, user, headers)
    expect(await push('bob', { ...named, origin: 'https://evil.example' })).toMatchObject({ status: 403, body: { data: { code: 'FOREIGN_ORIGIN' } } })
    expect(await push('bob', { ...named, 'x-or3-sync-protocol': '9' })).toMatchObject({ status: 426 })
    expect(await push('', named)).toMatchObject({ status: 401 })
    for (let sent = 0; sent < 3; sent++) expect(await push('bob', named), 'one push a minute is allowed here').toMatchObject(changed)
    expect(await push('eve', named), 'eve is no member').toMatchObject(changed)
    expect((await CALLS.push!('bob', {})).status, 'nothing was counted').toBe(200)
  })

  it('is not checked where nobody is named, nor where nothing is done for anybody', async () => {
    for (const route of Object.keys(CALLS)) expect((await CALLS[route]!('bob', {})).status, route).toBe(200)
    for (const path of ['/session', '/health', '/.well-known/jwks.json']) expect((await server.get(path, 'bob', { [USER_HEADER]: 'ada' })).status, path).toBe(200)
  })

  it('may come from a page of a listed origin', async () => {
    const response = await fetch(`${server.origin}/api/sync/push`, {
      method: 'OPTIONS', headers: { 'origin': 'https://app.example.com', 'access-control-request-method': 'POST', 'access-control-request-headers': USER_HEADER },
    })
    expect([response.status, response.headers.get('access-control-allow-headers')]).toEqual([204, expect.stringContaining(USER_HEADER)])
  })
})
