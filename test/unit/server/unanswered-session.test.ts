import { afterEach, describe, expect, it } from 'vitest'
import { createTokenIssuer, generateTokenKeys, type GatewaySession } from 'or3-sync/server'
import { until } from '../../support/engine-harness'
import { watchHeldBytes } from './support/held-bytes'
import { wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { PEOPLE, startTestGateway, type ErrorReply, type TestGateway } from './support/test-gateway'

let server: TestGateway
afterEach(() => server.stop())

/** A session hook that leaves bob's questions unanswered while it is `away`. */
function hookThatWaits() {
  const waiting: ((error: Error) => void)[] = []
  const hook = {
    away: false,
    waiting,
    session: (event: { node: { req: { headers: Record<string, unknown> } } }): GatewaySession | null | Promise<GatewaySession | null> => {
      const user = String(event.node.req.headers['x-user'])
      return hook.away && user === 'bob' ? new Promise<never>((_, reject) => { waiting.push(reject) }) : PEOPLE[user] ?? null
    },
  }
  return hook
}

describe('a session hook that does not answer', () => {
  const scope = { workspaceId: 'w1' }

  it('is answered 503 in time, whatever is asked for, and the log names it; what it says later is ignored', async () => {
    const hook = hookThatWaits()
    server = await startTestGateway({ session: hook.session, sessionTimeoutMs: 40, tokens: await createTokenIssuer({ key: (await generateTokenKeys()).privateKey }) })
    hook.away = true
    const replies = await Promise.all([
      server.post<ErrorReply>('/push', { scope, ops: [wireOp()] }, 'bob'),
      server.post<ErrorReply>('/pull', { scope, cursor: 0, limit: 1 }, 'bob'),
      server.post<ErrorReply>('/cursor', { scope, deviceId: 'd', version: 0 }, 'bob'),
      ...['/subscribe?workspaceId=w1', '/session', '/token'].map(path => server.get<ErrorReply>(path, 'bob')),
    ])
    for (const { status, body, headers } of replies) {
      expect([status, headers.get('retry-after'), body.data]).toEqual([503, '1', { code: 'SERVER_ERROR', message: 'the app\'s session hook did not answer within 0.04 s' }])
    }
    expect(server.log, 'one line, however many requests meet it').toEqual(['[or3-sync] the session hook does not answer'])
    for (const fail of hook.waiting) fail(new Error('the session store is away'))
    expect((await server.get('/session', 'ada')).status, 'others are answered').toBe(200)
  })

  it('ends an open stream; coming back, its reader gets what was committed meanwhile', async () => {
    const hook = hookThatWaits()
    server = await startTestGateway({ session: hook.session, sessionTimeoutMs: 40 })
    const stream = await openStream(server, 'workspaceId=w1', { 'x-user': 'bob' })
    expect(await stream.next()).toMatchObject({ event: 'changes' })
    hook.away = true
    await server.push([wireOp({ pk: 'a' })])
    expect(await stream.next()).toBeNull()
    hook.away = false
    const again = await openStream(server, 'workspaceId=w1', { 'x-user': 'bob' })
    expect(await again.next()).toMatchObject({ event: 'changes', data: { changes: [{ pk: 'a' }] } })
    again.close()
  })

  it('holds neither place nor memory for a reader who has gone', async () => {
    const hook = hookThatWaits()
    const held = watchHeldBytes()
    // Half a minute is left to the hook: only that the reader has gone ends the wait.
    server = await startTestGateway({ session: hook.session, streamLimits: { perUser: 1 }, metrics: held.metrics, metricsToken: 't' })
    const stream = await openStream(server, 'workspaceId=w1', { 'x-user': 'bob' })
    await stream.next()
    hook.away = true
    await server.push([wireOp({ pk: 'a' })])
    await until(() => hook.waiting.length > 0)
    expect(held.now().streams).toBeGreaterThan(0)
    stream.close()
    await until(() => held.now().streams === 0)
    hook.away = false
    const again = await openStream(server, 'workspaceId=w1', { 'x-user': 'bob' })
    expect(again.response.status).toBe(200)
    again.close()
    expect(server.log, 'that a reader goes is nothing to report').toEqual([])
  })
})
