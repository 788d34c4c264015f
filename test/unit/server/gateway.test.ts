import { text } from 'node:stream/consumers'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, toNodeListener } from 'h3'
import { afterEach, describe, expect, it } from 'vitest'
import type { PendingOp, PushResult, SessionResponse } from '#or3-sync/shared/sync/protocol/types'
import { BackendUnavailableError } from '../../../server/lib/errors/backend-unavailable-error'
import { memoryBackend } from '../../../server/lib/backends/memory'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import { createSyncGateway } from '../../../server/lib/create-sync-gateway'
import type { GatewayOptions, PushedInfo } from '../../../server/lib/context/gateway-options'
import { acceptedOp, NOW, wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { schema, startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

let server: TestGateway
const start = async (options?: Partial<GatewayOptions>) => { server = await startTestGateway(options) }
afterEach(() => server.stop())

describe('gateway over HTTP', () => {
  it('pushes and pulls through SQLite', async () => {
    await start({ backend: sqliteBackend({ path: ':memory:' }) })
    const op = wireOp({ payload: { id: 'a', title: 'häßlich "quoted" \u2028', unknown: { kept: [1, 2.5, null] } } })
    expect(await server.push([op])).toEqual({
      results: [{ opId: op.stamp.opId, success: true, applied: true, serverVersion: 1 }], serverVersion: 1, serverTime: NOW,
    })
    const page = await server.pull({}, 'bob')
    expect(page).toEqual({
      changes: [{ serverVersion: 1, tableName: 'todos', pk: 'a', op: 'put', payload: op.payload, stamp: op.stamp }],
      nextCursor: 1, hasMore: false, latestVersion: 1, requiresRescan: false, epoch: page.epoch, serverTime: NOW,
    })
  })

  it('answers a push that lost, or replaced a concurrent edit, with whole revisions', async () => {
    await start()
    const first = wireOp({ device: 'device-2' })
    await server.push([first], 'bob')
    const { results } = await server.push([
      wireOp({ clock: 2, base: null, payload: { id: 'a', title: 'mine' } }),
      wireOp({ clock: 1, at: -5 }),
      wireOp({ clock: 3, op: 'delete' }),
      wireOp({ clock: 2, payload: { id: 'a', title: 'late' } }),
    ])
    expect(results).toMatchObject([
      { applied: true, overwrote: { op: 'put', payload: first.payload, stamp: first.stamp, serverVersion: 1 } },
      { applied: false, winner: { op: 'put', payload: { title: 'mine' }, serverVersion: 2 } },
      { applied: true, serverVersion: 3 },
      { applied: false, winner: { op: 'delete', serverVersion: 3 } },
    ])
    expect(results[3]?.winner).not.toHaveProperty('payload')
  })

  it('repeats the results of a batch whose reply was lost', async () => {
    await start()
    await server.push([wireOp({ device: 'device-2' })], 'bob')
    const batch = [wireOp({ clock: 2, base: null, payload: { id: 'a', title: 'mine' } }), wireOp({ pk: 'b' })]
    const { results } = await server.push(batch)
    await server.push([wireOp({ clock: 9, device: 'device-2' })], 'bob')
    expect((await server.push(batch)).results).toEqual(results.map(result => ({ ...result, replayed: true })))
    expect((await server.push([])).results).toEqual([])
    expect((await server.push(batch)).results, 'an empty batch forgets nothing').toEqual(results.map(result => ({ ...result, replayed: true })))
  })

  it('pitfall 8: one bad op never fails its neighbours, and deletes need no payload of the put schema', async () => {
    await start()
    await server.push([wireOp({ pk: 'gone' })])
    const { results, serverVersion } = await server.push([
      wireOp({ pk: 'a' }),
      wireOp({ pk: 'bad', payload: { id: 'bad', title: 5 } }),
      { ...wireOp({ pk: 'gone', op: 'delete', clock: 2 }), payload: { deleted: true } } as never,
      null,
      wireOp({ pk: 'b' }),
    ])
    expect(results.map(result => [result.success, result.errorCode])).toEqual([
      [true, undefined], [false, 'VALIDATION_ERROR'], [true, undefined], [false, 'VALIDATION_ERROR'], [true, undefined],
    ])
    expect(results[1]?.error).toMatch(/^payload\.title: /)
    expect(results[3]?.opId).toBeNull()
    expect(serverVersion).toBe(4)
    expect((await server.pull()).changes.find(change => change.pk === 'gone')).not.toHaveProperty('payload')
  })

  it('refuses a batch with a stamp from a clock far ahead, as a whole, and says its own time', async () => {
    await start()
    const reply = await server.push([wireOp({ at: 5 * 60_000 + 1 }), wireOp({ pk: 'b', at: 5 * 60_000 })])
    expect(reply).toMatchObject({ serverTime: NOW, serverVersion: 0, results: [{ success: false, errorCode: 'CLOCK_SKEW' }, { success: false, errorCode: 'CLOCK_SKEW' }] })
    expect((await server.push([wireOp({ pk: 'b', at: 5 * 60_000 })])).results).toMatchObject([{ applied: true }])
  })

  it('tells who is asking, and answers nobody too', async () => {
    await start()
    expect((await server.get('/session')).body).toEqual({
      status: 'authenticated', userId: 'ada', workspaces: [{ id: 'w1', name: 'One', role: 'owner' }, { id: 'w2', name: 'w2', role: 'viewer' }], schemaVersion: 3, serverTime: NOW,
      limits: { ops: 1_000, bytes: 1024 * 1024, replacedBytes: 2 * 1024 * 1024 },
    })
    expect(await server.get('/session', '')).toMatchObject({ status: 200, body: { status: 'unauthenticated', userId: null, workspaces: [], serverTime: NOW } })
  })

  it('asks for the session once per request', async () => {
    let asked = 0
    await start({ session: () => { asked++; return { userId: 'ada', workspaces: [{ id: 'w1', role: 'owner' }] } } })
    await server.push([wireOp()])
    expect(asked).toBe(1)
  })

  it('moves device cursors', async () => {
    await start()
    await server.push([wireOp()])
    const post = (version: number, user = 'ada', workspaceId = 'w1') => server.post<ErrorReply>('/cursor', { scope: { workspaceId }, deviceId: 'device-1', version }, user)
    expect(await post(1)).toMatchObject({ status: 200, body: { ok: true } })
    expect(await post(0)).toMatchObject({ status: 200 })
    expect(await post(2)).toMatchObject({ status: 400, body: { data: { code: 'VALIDATION_ERROR' } } })
    expect(await post(0, 'ada', 'w2'), 'viewers may').toMatchObject({ status: 200 })
  })

  it('tells the app what was applied after the commit, and stands by it when a listener throws', async () => {
    const pushed: PushedInfo[] = []
    await start({ onPushed: (_event, info) => { pushed.push(info); throw new Error('listener') } })
    const op = wireOp()
    expect((await server.push([op, wireOp({ pk: 'bad', clock: 0 })])).results[0]?.success).toBe(true)
    await server.push([op])
    expect(pushed).toEqual([{ scope: { workspaceId: 'w1' }, userId: 'ada', applied: 1 }])
    expect(server.log.join()).toContain('listener')
  })

  it('tells the limits of its store, and refuses a larger batch as a whole, naming the limit', async () => {
    const backend = Object.assign(memoryBackend(), { limits: { ops: 3, bytes: 2_000 } })
    await start({ backend })
    expect((await server.get<SessionResponse>('/session')).body.limits).toEqual({ ops: 3, bytes: 2_000, replacedBytes: 2 * 1024 * 1024 })
    const post = (ops: PendingOp[]) => server.post<ErrorReply>('/push', { scope: { workspaceId: 'w1' }, ops })
    const todo = (pk: string, length = 10) => wireOp({ pk, payload: { id: pk, title: 'x'.repeat(length) } })
    expect(await post(['a', 'b', 'c', 'd'].map(pk => todo(pk)))).toMatchObject({ status: 413, body: { data: { code: 'OVERSIZED', message: 'a push to this store has at most 3 ops, this one has 4' } } })
    const large = await post([todo('a', 900), todo('b', 900)])
    expect([large.status, large.body.data.message]).toEqual([413, expect.stringMatching(/^a push to this store has at most 2000 bytes, this one has \d+; send fewer ops$/)])
    expect(await backend.latestVersion('w1'), 'nothing of them was stored').toBe(0)
    expect((await post([todo('large', 1_900)])).status, 'one op cannot be sent in parts').toBe(200)
    expect((await post(['a', 'b', 'c'].map(pk => todo(pk)))).status).toBe(200)
    expect(await backend.latestVersion('w1')).toBe(4)
  })

  it('pitfall 23: a workspace of 13,000 rows comes down in a handful of pulls, resumable at each', async () => {
    const backend = memoryBackend()
    await start({ backend })
    const items = Array.from({ length: 13_000 }, (_, index) => acceptedOp({ pk: String(index) }))
    await backend.push({ workspaceId: 'w1', userId: 'ada', items, now: NOW })
    const seen = new Set<string>()
    let cursor = 0
    let pulls = 0
    for (let hasMore = true; hasMore; pulls++) {
      const page = await server.pull({ cursor, limit: 2_000, bootstrap: true })
      for (const change of page.changes) seen.add(change.pk)
      ;({ nextCursor: cursor, hasMore } = page)
    }
    expect([seen.size, cursor, pulls]).toEqual([13_000, 13_000, 7])
  })

  it('answers 404 everywhere while sync is off', async () => {
    await start({ enabled: () => false })
    for (const path of ['/session', '/health', '/token', '/.well-known/jwks.json', '/subscribe?workspaceId=w1', '/nothing']) {
      expect(await server.get<ErrorReply>(path), path).toMatchObject({ status: 404, body: { data: { code: 'SYNC_DISABLED' } } })
    }
    for (const path of ['/push', '/pull', '/cursor']) expect(await server.post(path, 'not json', ''), path).toMatchObject({ status: 404 })
  })

  it('answers 503 with Retry-After while the store is away, and nothing of its message', async () => {
    const away = () => { throw new BackendUnavailableError('disk /secret/path is full') }
    await start({ backend: Object.assign(memoryBackend(), { id: 'broken', push: away, health: away }) })
    const reply = await server.post<ErrorReply>('/push', { scope: { workspaceId: 'w1' }, ops: [wireOp()] })
    expect(reply).toMatchObject({ status: 503, body: { statusCode: 503, data: { code: 'SERVER_ERROR' } } })
    expect(reply.headers.get('retry-after')).toBe('1')
    expect(JSON.stringify(reply.body)).not.toContain('secret')
    expect(await server.get('/health', '')).toMatchObject({ status: 503, body: { ok: false, backend: 'broken', protocol: 1 } })
  })

  it('says of its health nothing about data, and needs no session for it', async () => {
    await start()
    const reply = await server.get('/health', '')
    expect(reply).toMatchObject({ status: 200, body: { ok: true, backend: 'memory', protocol: 1 } })
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })

  it('works at a prefix too, and leaves other paths to the next handler', async () => {
    await start()
    const gateway = createSyncGateway({ schema, backend: memoryBackend(), session: () => null })
    const app = createApp().use('/api/sync', gateway).use(gateway).use(() => 'next')
    const http = createServer(toNodeListener(app))
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    expect((await fetch(`${origin}/api/sync/health`)).status).toBe(200)
    expect(await (await fetch(`${origin}/session`)).text()).toBe('next')
    await new Promise(resolve => http.close(resolve))
  })

  it('exports a workspace as NDJSON, page by page, without what was deleted', async () => {
    const backend = sqliteBackend({ path: ':memory:' })
    await start({ backend })
    const items = Array.from({ length: 2_500 }, (_, index) => acceptedOp({ pk: String(index), payload: { id: String(index), title: 'line\nbreak \u2028' } }))
    await backend.push({ workspaceId: 'w1', userId: 'ada', items: [...items, acceptedOp({ pk: '7', op: 'delete', clock: 2 })], now: NOW })
    await backend.push({ workspaceId: 'w2', userId: 'eve', items: [acceptedOp({ pk: 'secret' })], now: NOW })
    const exported = await text(server.gateway.exportWorkspace('w1'))
    const records = exported.trimEnd().split('\n').map(line => JSON.parse(line) as { pk: string })
    expect(records.map(({ pk }) => pk)).toEqual(items.map(({ pk }) => pk).filter(pk => pk !== '7'))
    expect(records[0]).toEqual({ serverVersion: 1, tableName: 'todos', pk: '0', op: 'put', payload: { id: '0', title: 'line\nbreak \u2028' }, stamp: items[0]!.stamp })
    expect(await text(server.gateway.exportWorkspace('nobody wrote here'))).toBe('')
  })

  it('erases a workspace: streams are told to rescan, and nothing of it can be read any more', async () => {
    await start()
    await server.push([wireOp({ pk: 'a' }), wireOp({ pk: 'b' })])
    const stream = await openStream(server, 'workspaceId=w1&cursor=2')
    await stream.next()
    expect(await server.gateway.eraseWorkspace('w1')).toEqual({ records: 2, devices: 0 })
    expect(await stream.next()).toMatchObject({ event: 'rescan', data: { changes: [], requiresRescan: true } })
    expect((await server.pull({ bootstrap: true })).changes).toEqual([])
    expect(await text(server.gateway.exportWorkspace('w1'))).toBe('')
  })

  it('refuses a put that is older than what is remembered of deletions, where they are purged', async () => {
    let now = NOW
    await start({ purgeAfterDays: 40, now: () => now })
    await server.push([wireOp(), wireOp({ op: 'delete', clock: 2 })])
    now += 41 * 24 * 60 * 60_000
    expect(await server.gateway.gc()).toMatchObject({ tombstones: 1, purged: 1 })
    expect((await server.push([wireOp({ device: 'device-2' })], 'bob')).results[0]).toMatchObject({ success: false, errorCode: 'CONFLICT' })
    expect((await server.push([wireOp({ device: 'device-2', at: now - NOW })], 'bob')).results[0]).toMatchObject({ success: true, applied: true })
  })

  it('collects garbage on demand', async () => {
    await start()
    await server.push([wireOp(), wireOp({ op: 'delete', clock: 2 })])
    expect(await server.gateway.gc()).toMatchObject({ tombstones: 1 })
    const { body } = await server.post<PushResult>('/push', { scope: { workspaceId: 'w1' }, ops: [wireOp()] })
    expect(body.results[0]).toMatchObject({ applied: false, winner: { op: 'delete' } })
  })
})
