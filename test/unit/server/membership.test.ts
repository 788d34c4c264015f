import { afterEach, describe, expect, it } from 'vitest'
import type { GatewaySession } from '../../../server/lib/session/gateway-session'
import { wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { PEOPLE, startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

let server: TestGateway
afterEach(() => server.stop())

/** Who is who may change while streams are open. Quiet streams are looked at every `sessionCheckMs`. */
async function start(sessionCheckMs = 60_000) {
  const people: Record<string, GatewaySession | null> = structuredClone(PEOPLE)
  server = await startTestGateway({ sessionCheckMs, session: event => people[String(event.node.req.headers['x-user'])] ?? null })
  const stream = await openStream(server, 'workspaceId=w1', { 'x-user': 'bob' })
  expect(await stream.next()).toMatchObject({ event: 'changes' })
  return { people, stream }
}

describe('an open stream', () => {
  it('ends before the first change that is committed after its reader\'s membership ended', async () => {
    const { people, stream } = await start()
    await server.push([wireOp({ pk: 'before' })])
    expect(await stream.next()).toMatchObject({ data: { changes: [{ pk: 'before' }] } })
    people.bob!.workspaces = []
    await server.push([wireOp({ pk: 'after' })])
    expect(await stream.next()).toBeNull()
    await expect.poll(() => server.gateway.feeds.streams).toBe(0)
  })

  it('ends when nothing is committed, too', async () => {
    const { people, stream } = await start(5)
    people.bob!.workspaces = []
    expect(await stream.next()).toBeNull()
  })

  it('ends with the session, and goes on for a reader whose role alone has changed', async () => {
    const { people, stream } = await start(5)
    people.bob!.workspaces[0]!.role = 'viewer'
    expect(await stream.next()).toMatchObject({ event: 'session' })
    await server.push([wireOp({ pk: 'a' })])
    expect(await stream.next()).toMatchObject({ data: { changes: [{ pk: 'a' }] } })
    people.bob = null
    expect(await stream.next()).toBeNull()
  })

  it('F28: tells its reader once when workspaces or roles have become others, and goes on', async () => {
    const { people, stream } = await start(5)
    people.bob!.workspaces.push({ id: 'w9', name: 'Nine', role: 'viewer' })
    expect(await stream.next()).toMatchObject({ event: 'session', id: undefined, data: { serverTime: expect.any(Number) } })
    people.bob!.workspaces[1]!.name = 'Ten'
    expect(await stream.next()).toMatchObject({ event: 'session' })
    people.bob!.workspaces.reverse()
    await new Promise(resolve => setTimeout(resolve, 50))
    await server.push([wireOp({ pk: 'a' })])
    expect(await stream.next(), 'another order is no change').toMatchObject({ event: 'changes', data: { changes: [{ pk: 'a' }] } })
    people.bob!.workspaces = people.bob!.workspaces.filter(({ id }) => id === 'w1')
    expect(await stream.next()).toMatchObject({ event: 'session' })
  })

  it('ends when another user has taken over the session', async () => {
    const { people, stream } = await start(5)
    people.bob = { userId: 'robert', workspaces: [{ id: 'w1', role: 'owner' }] }
    expect(await stream.next()).toBeNull()
  })

  it('ends when nobody can say who is there; the reader comes back and hears why', async () => {
    let isBroken = false
    server = await startTestGateway({ sessionCheckMs: 5, session: () => { if (isBroken) throw new Error('the session store is away'); return PEOPLE.bob! } })
    const stream = await openStream(server, 'workspaceId=w1')
    await stream.next()
    isBroken = true
    expect(await stream.next()).toBeNull()
    expect((await server.get<ErrorReply>('/subscribe?workspaceId=w1')).status).toBe(500)
    expect(server.log.join()).toContain('a change stream ended')
  })

  it('is asked for with an event of its own: what h3 has kept of the session, or a header that is set, changes nothing', async () => {
    const seen: unknown[] = []
    server = await startTestGateway({
      sessionCheckMs: 5,
      session: (event) => {
        seen.push(event.context.sessions)
        event.context.sessions = { kept: { id: '', createdAt: 0, data: {} } }
        event.node.res.setHeader('set-cookie', 'session=renewed')
        return PEOPLE.bob!
      },
    })
    const stream = await openStream(server, 'workspaceId=w1')
    await stream.next()
    await expect.poll(() => seen.length).toBeGreaterThan(2)
    expect(new Set(seen)).toEqual(new Set([undefined]))
    expect(stream.response.headers.getSetCookie()).toEqual(['session=renewed'])
    stream.close()
  })
})
