import { afterEach, describe, expect, it } from 'vitest'
import { createTokenIssuer, generateTokenKeys, type GatewaySession } from 'or3-sync/server'
import type { SessionResponse } from '#or3-sync/shared/sync/protocol/types'
import { wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { startTestGateway, type ErrorReply, type TestGateway } from './support/test-gateway'

let server: TestGateway
afterEach(() => server.stop())

const start = async (session: () => unknown) => {
  server = await startTestGateway({
    session: session as () => GatewaySession, sessionCheckMs: 5, tokens: await createTokenIssuer({ key: (await generateTokenKeys()).privateKey }),
  })
}
const scope = { workspaceId: 'w1' }
/** Every route that needs a session. */
const attempts = () => Promise.all([
  server.post<ErrorReply>('/push', { scope, ops: [wireOp()] }),
  server.post<ErrorReply>('/pull', { scope, cursor: 0, limit: 1 }),
  server.post<ErrorReply>('/cursor', { scope, deviceId: 'd', version: 0 }),
  server.get<ErrorReply>('/subscribe?workspaceId=w1'),
])

describe('F17: a role that is none of ours', () => {
  it.each(['banned', 'invited', 'admin', '', null, undefined, 1, 'Owner'])('opens nothing, reads included: %s', async (role) => {
    await start(() => ({ userId: 'ada', workspaces: [{ id: 'w1', role }, { id: 'w2', role: 'viewer' }] }))
    for (const { status, body } of await attempts()) expect([status, body.data.code]).toEqual([403, 'UNAUTHORIZED'])
    expect((await server.get<SessionResponse>('/session')).body.workspaces).toEqual([{ id: 'w2', name: 'w2', role: 'viewer' }])
    expect(server.log.filter(line => line.includes('accepted: owner, editor, viewer')), 'the operator is told once').toHaveLength(1)
  })

  it('ends a stream that was opened under a better one', async () => {
    let role = 'viewer'
    await start(() => ({ userId: 'ada', workspaces: [{ id: 'w1', role }] }))
    const stream = await openStream(server, 'workspaceId=w1')
    await stream.next()
    role = 'banned'
    expect(await stream.next()).toBeNull()
  })
})

describe('F17: a session out of form', () => {
  const w1 = { id: 'w1', role: 'owner' }
  it.each([
    [{ workspaces: [w1] }, 'session.userId is undefined; it must be text of 1 to 256'],
    [{ userId: 7, workspaces: [w1] }, 'session.userId is 7 (number); it must be text'],
    [{ userId: '', workspaces: [w1] }, 'session.userId is "" (string); it must be text'],
    [{ userId: 'a\uD800', workspaces: [w1] }, 'session.userId is'],
    [{ userId: 'ada' }, 'session.workspaces is undefined; it must be a list'],
    [{ userId: 'ada', workspaces: { w1 } }, 'session.workspaces is object; it must be a list'],
    [{ userId: 'ada', workspaces: ['w1'] }, 'session.workspaces[0].id is undefined'],
    [{ userId: 'ada', workspaces: [w1, { id: 2, role: 'owner' }] }, 'session.workspaces[1].id is 2 (number)'],
    [{ userId: 'ada', workspaces: [null] }, 'session.workspaces[0].id is undefined'],
    [{ userId: 'ada', workspaces: [{ id: 'w1', role: 'viewer' }, w1] }, 'session.workspaces[1].id is "w1" (string); it must be in the list once'],
    ['ada', 'session is "ada" (string); it must be { userId'],
    [true, 'session is boolean; it must be { userId'],
  ])('is an error of the app that opens nothing: %j', async (session, line) => {
    await start(() => session)
    for (const { status, body } of [...await attempts(), await server.get<ErrorReply>('/session')]) {
      expect([status, body.data]).toEqual([500, { code: 'SERVER_ERROR', message: 'the server failed to answer; its log says why' }])
    }
    expect(server.log.join()).toContain(line)
  })

  it('is not what has names that are no text, or fields of the app\'s own', async () => {
    await start(() => ({ userId: 'ada', name: 7, plan: 'free', workspaces: [{ id: 'w1', name: null, role: 'owner', colour: 'red' }] }))
    expect((await server.get<SessionResponse>('/session')).body).toMatchObject({ userId: 'ada', workspaces: [{ id: 'w1', name: 'w1', role: 'owner' }] })
    expect((await server.push([wireOp()])).results).toMatchObject([{ success: true }])
  })
})

describe('F16: a user whose id is that of the gateway itself', () => {
  it('gets neither session nor token, and reaches no workspace', async () => {
    await start(() => ({ userId: 'or3-sync:gateway', workspaces: [{ id: 'w1', role: 'owner' }] }))
    for (const { status, body } of [...await attempts(), await server.get<ErrorReply>('/session'), await server.get<ErrorReply>('/token')]) {
      expect([status, body.data.code]).toEqual([403, 'UNAUTHORIZED'])
      expect(body.message).toContain('or3-sync:gateway')
    }
    expect(server.log).toHaveLength(1)
  })
})
