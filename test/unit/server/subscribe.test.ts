import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import type { GatewayOptions } from '../../../server/lib/context/gateway-options'
import { wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { startTestGateway } from './support/test-gateway'
import type { TestGateway } from './support/test-gateway'

let server: TestGateway
const start = async (options: Partial<GatewayOptions> = {}) => {
  server = await startTestGateway({ backend: sqliteBackend({ path: ':memory:' }), ...options })
}
beforeEach(() => start())
afterEach(() => server.stop())

const pks = (event: { data: { changes?: { pk: string }[] } } | null) => event?.data.changes?.map(change => change.pk)

describe('subscribe', () => {
  it('sends the backlog, then each commit, as pages that continue one another', async () => {
    await server.push([wireOp({ pk: 'a' }), wireOp({ pk: 'b' })])
    const stream = await openStream(server, 'workspaceId=w1&cursor=1')
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream')
    expect(stream.response.headers.get('x-accel-buffering')).toBe('no')
    const backlog = await stream.next()
    expect(backlog).toMatchObject({ event: 'changes', id: '2', data: { from: 1, nextCursor: 2, hasMore: false, latestVersion: 2, changes: [{ pk: 'b', op: 'put', serverVersion: 2 }] } })
    await server.push([wireOp({ pk: 'c' }), wireOp({ pk: 'b', op: 'delete', clock: 2 })])
    expect(await stream.next()).toMatchObject({ id: '4', data: { from: 2, nextCursor: 4, changes: [{ pk: 'c' }, { pk: 'b', op: 'delete' }] } })
    stream.close()
  })

  it('says at once that an up-to-date reader is up to date', async () => {
    const stream = await openStream(server, 'workspaceId=w1')
    expect(await stream.next()).toMatchObject({ event: 'changes', id: '0', data: { changes: [], from: 0, nextCursor: 0, epoch: expect.any(String) } })
    stream.close()
  })

  it('pitfall 20: resumes from Last-Event-ID, which beats the cursor', async () => {
    await server.push(['a', 'b', 'c'].map(pk => wireOp({ pk })))
    const stream = await openStream(server, 'workspaceId=w1&cursor=0', { 'last-event-id': '2' })
    expect(pks(await stream.next())).toEqual(['c'])
    const lost = await openStream(server, 'workspaceId=w1&cursor=1', { 'last-event-id': 'nonsense' })
    expect(pks(await lost.next())).toEqual(['b', 'c'])
    stream.close()
    lost.close()
  })

  it('an empty list of tables means none, as in a pull', async () => {
    await server.push([wireOp({ pk: 'a' })])
    const page = { changes: [], nextCursor: 1, hasMore: false }
    expect(await server.pull({ tables: [] })).toMatchObject(page)
    for (const query of ['tables=', 'tables=,']) {
      const stream = await openStream(server, `workspaceId=w1&${query}`)
      expect(await stream.next(), query).toMatchObject({ event: 'changes', data: page })
      stream.close()
    }
  })

  it('filters tables without losing its place', async () => {
    const stream = await openStream(server, 'workspaceId=w1&tables=notes,nothing')
    await stream.next()
    await server.push([wireOp({ pk: 'a' })])
    expect(await stream.next()).toMatchObject({ id: '1', data: { changes: [], nextCursor: 1 } })
    await server.push([wireOp({ pk: 'n', table: 'notes', payload: { key: 'n', text: '' } })])
    expect(await stream.next()).toMatchObject({ id: '2', data: { from: 1, changes: [{ pk: 'n' }] } })
    stream.close()
  })

  it('leaves out what the reader itself has stamped since it started, once it has caught up, whatever device ids say', async () => {
    await server.push([wireOp({ pk: 'a' })])
    const own = await openStream(server, 'workspaceId=w1&node=device10')
    const other = await openStream(server, 'workspaceId=w1&node=device20')
    expect(pks(await own.next()), 'the backlog holds all: a reply may have been lost').toEqual(['a'])
    await other.next()
    await server.push([wireOp({ pk: 'b' }), wireOp({ pk: 'c', node: 'device20' })])
    expect(await own.next()).toMatchObject({ id: '3', data: { changes: [{ pk: 'c' }], nextCursor: 3 } })
    expect(pks(await other.next())).toEqual(['b'])
    own.close()
    other.close()
  })

  it('F11: leaves out nothing that another user has stamped with the reader\'s node, not even the same op', async () => {
    const stream = await openStream(server, 'workspaceId=w1&node=device10')
    await stream.next()
    const mine = wireOp({ pk: 'mine' })
    await server.push([mine])
    expect(pks(await stream.next())).toEqual([])
    await server.push([wireOp({ pk: 'forged' }), mine, wireOp({ pk: 'same id', opId: mine.stamp.opId })], 'bob')
    expect(await stream.next()).toMatchObject({ id: '3', data: { changes: [{ pk: 'forged' }, { pk: 'same id' }], nextCursor: 3 } })
    stream.close()
  })

  it('pages a long backlog', async () => {
    for (let batch = 0; batch < 3; batch++) await server.push(Array.from({ length: 900 }, (_, index) => wireOp({ pk: `${batch}-${index}` })))
    const stream = await openStream(server, 'workspaceId=w1')
    expect(await stream.next()).toMatchObject({ data: { from: 0, nextCursor: 2_000, hasMore: true } })
    const rest = await stream.next()
    expect(rest).toMatchObject({ data: { from: 2_000, nextCursor: 2_700, hasMore: false } })
    expect(rest?.data.changes).toHaveLength(700)
    stream.close()
  })

  it('asks for a rescan where the cursor cannot be continued, and ends', async () => {
    const stream = await openStream(server, 'workspaceId=w1&cursor=9')
    expect(await stream.next()).toMatchObject({ event: 'rescan', data: { changes: [], requiresRescan: true, latestVersion: 0 } })
    expect(await stream.next()).toBeNull()
  })

  it('tells of a new epoch without waiting for a change', async () => {
    const stream = await openStream(server, 'workspaceId=w1')
    const { epoch } = (await stream.next())!.data
    const renewed = await server.gateway.newEpoch()
    expect(renewed).not.toBe(epoch)
    expect(await stream.next()).toMatchObject({ event: 'changes', data: { epoch: renewed, changes: [] } })
    stream.close()
  })

  it('keeps workspaces apart', async () => {
    const stream = await openStream(server, 'workspaceId=w1')
    await stream.next()
    await server.push([wireOp({ pk: 'secret' })], 'eve', 'w2')
    await server.push([wireOp({ pk: 'mine' })])
    expect(pks(await stream.next())).toEqual(['mine'])
    stream.close()
  })

  it('pings an idle stream', async () => {
    await server.stop()
    await start({ pingMs: 5 })
    const stream = await openStream(server, 'workspaceId=w1')
    await stream.next()
    expect(await stream.next()).toMatchObject({ event: 'ping', data: { serverTime: expect.any(Number) } })
    stream.close()
  })

  it('reads each page once for all streams at the same place', async () => {
    await server.stop()
    const backend = sqliteBackend({ path: ':memory:' })
    let pulls = 0
    const pull = backend.pull.bind(backend)
    backend.pull = (request) => { pulls++; return pull(request) }
    await start({ backend })
    const streams = await Promise.all(Array.from({ length: 10 }, () => openStream(server, 'workspaceId=w1')))
    await Promise.all(streams.map(stream => stream.next()))
    pulls = 0
    await server.push([wireOp({ pk: 'a' })])
    expect((await Promise.all(streams.map(stream => stream.next()))).map(pks)).toEqual(streams.map(() => ['a']))
    expect(pulls).toBe(1)
    streams.forEach(stream => stream.close())
  })

  it('lets go of everything when readers leave, and ends streams when the server stops', async () => {
    const stream = await openStream(server, 'workspaceId=w1')
    const staying = await openStream(server, 'workspaceId=w1')
    await stream.next()
    await staying.next()
    expect(server.gateway.feeds.streams).toBe(2)
    stream.close()
    await expect.poll(() => server.gateway.feeds.streams).toBe(1)
    server.gateway.endStreams()
    expect(await staying.next()).toBeNull()
    await expect.poll(() => server.gateway.feeds.streams).toBe(0)
  })

  it('holds one page for a reader that does not read, and gives it the latest state afterwards', async () => {
    // Packed, all of this would fit into the buffers of the connection.
    const stream = await openStream(server, 'workspaceId=w1', { 'accept-encoding': 'identity' })
    await stream.next()
    const text = 'x'.repeat(1_500)
    for (let round = 1; round <= 30; round++) {
      await server.push(Array.from({ length: 400 }, (_, index) => wireOp({ pk: `${index}`, clock: round, payload: { id: `${index}`, title: text } })))
    }
    let events = 0
    let received = 0
    let cursor = 0
    while (cursor < 30 * 400) {
      const event = await stream.next()
      expect(event?.data.from).toBe(cursor)
      cursor = Number(event?.id)
      received += event?.data.changes?.length ?? 0
      events++
    }
    expect(events).toBeLessThan(30)
    expect(received).toBeLessThan(30 * 400)
    stream.close()
  })
})
