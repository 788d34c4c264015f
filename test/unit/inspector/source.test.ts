import { createSource } from '#or3-sync/inspector/source/create-source'
import { GatewayLink } from '#or3-sync/inspector/network/gateway-link'
import { Diagnosis } from '#or3-sync/app/diagnosis/diagnosis'
import type { SessionState } from '#or3-sync/app/session-state'
import { firstStatus } from '#or3-sync/app/page-status'
import { createEnvironment } from '#or3-sync/core/sync/environment/environment'
import { createLocalDatabase } from '#or3-sync/core/sync/life/local-database'
import { createSyncHooks } from '#or3-sync/core/sync/context/sync-hooks'
import { INITIAL_STATUS } from '#or3-sync/core/sync/context/sync-status'
import type { SourceParts } from '#or3-sync/inspector/source/source-parts'
import type { SyncSchema } from 'or3-sync/schema'
import { GatewaySyncProvider } from 'or3-sync/client'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shallowReactive, shallowRef } from 'vue'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

/** The source for a device of its own, as the page makes it. */
function inspect({ isDev = true } = {}) {
  const link = new GatewayLink({ fetch: world.fetchAs('ann') })
  const engine = world.device('ann', { provider: new GatewaySyncProvider({ baseURL: world.origin, fetch: link.fetch }) })
  const status = shallowReactive({ ...INITIAL_STATUS })
  engine.status.subscribe(next => Object.assign(status, next))
  const state: SessionState = { status: 'authenticated', userId: 'ann', workspaceId: 'w1', role: 'editor', workspaces: [{ id: 'w1', name: 'w1', role: 'editor' }], projectId: null }
  const session = { state, refresh: async () => {} }
  const diagnosis = new Diagnosis({ hooks: engine.hooks, session: () => state, provider: () => undefined, versions: { module: '1.2.3', schema: 1 }, timelineSize: 500 })
  const client = { status, session, db: shallowRef(engine.db), engine: shallowRef(engine) } as unknown as SourceParts['client']
  const source = createSource({ client, hooks: engine.hooks, schema: todoSchema as unknown as SyncSchema, diagnosis, link, moduleVersion: '1.2.3', isDev })
  return { engine, source }
}

async function refuseOne(engine: TodoEngine) {
  await engine.start()
  await engine.db.todos.put({ id: 'bad', title: 7 as never })
  await until(async () => (await engine.queue.failed()).length)
}

describe('the source', () => {
  it('shows a refused edit with its reason, its row and what to do, and mends it', async () => {
    const { engine, source } = inspect()
    await refuseOne(engine)
    expect(await source.outbox()).toMatchObject([{ tableName: 'todos', pk: 'bad', state: 'failed', code: 'VALIDATION_ERROR', row: { id: 'bad', title: 7 }, cure: expect.stringContaining('Edit the row') }])
    expect(await source.why('todos', 'bad')).toMatchObject({ outcome: 'stuck', verdict: expect.stringContaining('title') })

    await source.write('todos', { id: 'bad', title: 'Seven' })
    await engine.whenIdle()
    expect(await source.outbox()).toEqual([])
    expect(await source.why('todos', 'bad')).toMatchObject({ outcome: 'synced' })
  })

  it('tells what the engine did, in words, until the list is emptied', async () => {
    const { engine, source } = inspect()
    await refuseOne(engine)
    expect(await source.timeline()).toMatchObject(expect.arrayContaining([
      expect.objectContaining({ name: 'sync.op:action:captured', tableName: 'todos', pk: 'bad', words: 'put captured, clock 1' }),
      expect.objectContaining({ name: 'sync.error:action', tableName: 'todos', pk: 'bad', isProblem: true }),
    ]))
    await engine.stop()
    await source.clearTimeline()
    expect(await source.timeline()).toEqual([])
  })

  it('retries and discards', async () => {
    const { engine, source } = inspect()
    await refuseOne(engine)
    const [edit] = await source.outbox()
    await source.retry(edit!.id)
    await until(async () => (await source.outbox())[0]?.state === 'failed')
    const [again] = await source.outbox()
    await source.discard(again!.id)
    expect(await engine.db.todos.get('bad')).toBeUndefined()
    await expect(source.discard('unknown')).rejects.toThrow('no refused edit')
  })

  it('tells the parts of the engine apart', async () => {
    const { engine, source } = inspect()
    await engine.start()
    await engine.db.todos.bulkPut([{ id: 'a', title: 'A' }, { id: 'b', title: 'B' }])
    await engine.whenIdle()
    await until(async () => (await source.overview()).engine?.transport === 'event stream')
    const overview = await source.overview()
    expect(overview).toMatchObject({
      versions: { module: '1.2.3', schema: 1, protocol: 1 }, session: { status: 'authenticated', userId: 'ann', role: 'editor' },
      engine: { provider: 'gateway', isPushing: false, breakers: { push: 0, pull: 0 }, nextRetryAt: null, subscription: 'connected' },
      counts: { pending: 0, failed: 0, held: 0 },
      tables: [{ name: 'todos', rows: 2, version: 2, pending: 0 }, { name: 'notes', rows: 0, version: 2 }],
    })
    expect(overview.engine!.epoch).toBe(overview.tables[0]!.epoch)
    await until(async () => (await source.rows('todos', { filter: '', page: 0 })).rows.every(({ state }) => state === 'synced'))
  })

  it('pages and filters the rows of a table, as JSON that comes back as it was', async () => {
    const { engine, source } = inspect()
    await engine.db.todos.bulkPut(Array.from({ length: 120 }, (_, index) => ({ id: `t${String(index).padStart(3, '0')}`, title: index % 2 ? 'odd' : 'Even' })))
    const page = await source.rows('todos', { filter: '', page: 2 })
    expect([page.total, page.rows.length, page.rows[0]!.pk]).toEqual([120, 20, 't100'])
    const even = await source.rows('todos', { filter: 'EVEN', page: 1 })
    expect([even.total, even.rows.length, even.rows[0]!.pk]).toEqual([60, 10, 't100'])
    expect(await source.row('todos', 't007')).toMatchObject({ pk: 't007', row: { title: 'odd' } })
    expect([await source.row('todos', 'none'), await source.row('unknown', 't007')]).toEqual([null, null])
    const createdAt = new Date(5)
    await engine.db.notes.put({ id: 'n', createdAt })
    const { row } = (await source.rows('notes', { filter: '', page: 0 })).rows[0]!
    expect(row).toEqual({ id: 'n', createdAt: { $date: 5 } })
    await source.write('notes', row)
    expect((await engine.db.notes.get('n'))?.createdAt).toEqual(createdAt)
  })

  it('shows both sides of a conflict, and what is in quarantine', async () => {
    const { engine, source } = inspect()
    await engine.db.table('sync_conflicts').put({ id: 'c', tableName: 'notes', pk: 'n', winner: 'local', detectedAt: 1, local: { op: 'put', clock: 2, hlc: 'h', opId: 'o', row: { id: 'n', createdAt: new Date(5) } }, remote: { op: 'delete', clock: 1, hlc: 'h', opId: 'p' } })
    expect(await source.conflicts()).toMatchObject([{ id: 'c', local: { row: { id: 'n', createdAt: { $date: 5 } } }, remote: { op: 'delete' } }])
    await source.dismiss('c')
    expect(await source.conflicts()).toEqual([])
    await engine.db.table('sync_quarantine').put({ tableName: 'todos', pk: 'q', reason: 'schema', error: 'payload.title: required', receivedAt: 1, change: { op: 'put', payload: { id: 'q' }, stamp: { deviceId: 'other', opId: 'o', hlc: 'h', clock: 1 }, serverVersion: 4 } })
    expect(await source.quarantine()).toEqual([{ tableName: 'todos', pk: 'q', reason: 'schema', error: 'payload.title: required', receivedAt: 1, op: 'put', serverVersion: 4, deviceId: 'other', row: { id: 'q' } }])
    expect(await source.why('todos', 'q')).toMatchObject({ outcome: 'stuck', verdict: expect.stringContaining('payload.title: required') })
  })

  it('makes the network bad for sync, and good again', async () => {
    const { engine, source } = inspect()
    await engine.start()
    await engine.whenIdle()
    await source.setNetwork('offline')
    await engine.db.todos.put({ id: 'a', title: 'A' })
    await until(() => engine.status.get().state === 'offline')
    expect(await source.why('todos', 'a')).toMatchObject({ outcome: 'waiting', verdict: expect.stringContaining('no answer') })
    await source.setNetwork('online')
    await engine.whenIdle()
    expect((await source.overview()).counts.pending).toBe(0)
  })

  it('changes nothing in production', async () => {
    const { engine, source } = inspect({ isDev: false })
    expect(source.canChange).toBe(false)
    await expect(source.write('todos', { id: 'a', title: 'A' })).rejects.toMatchObject({ code: 'READ_ONLY' })
    await expect(source.setNetwork('offline')).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(await engine.db.todos.count()).toBe(0)
    expect(await source.network()).toBe('online')
  })

  it('shows the local database where sync is off', async () => {
    const db = createLocalDatabase({ schema: todoSchema as unknown as SyncSchema, indexedDB: new IDBFactory(), IDBKeyRange })
    const client = { status: firstStatus(false), session: null, db: shallowRef(db), engine: shallowRef(null) } as unknown as SourceParts['client']
    const source = createSource({ client, hooks: createSyncHooks(createEnvironment().log), schema: todoSchema as unknown as SyncSchema, diagnosis: null, link: new GatewayLink({ fetch }), moduleVersion: '1.2.3', isDev: true })
    await source.write('todos', { id: 'a', title: 'A' })
    expect(await source.rows('todos', { filter: '', page: 0 })).toMatchObject({ total: 1, rows: [{ pk: 'a', clock: null, state: 'local' }] })
    expect(await source.overview()).toMatchObject({ session: { status: 'off' }, engine: null, sync: { reason: 'switched-off' }, tables: [{ rows: 1, version: null }, { rows: 0 }] })
    expect(await source.why('todos', 'a')).toMatchObject({ outcome: 'local', verdict: expect.stringContaining('Sync is off') })
    expect([await source.outbox(), await source.conflicts(), await source.quarantine()]).toEqual([[], [], []])
    await expect(source.flush()).rejects.toMatchObject({ code: 'SYNC_DISABLED' })
    expect(JSON.parse(await source.report())).toMatchObject({ diagnostics: null, overview: { session: { status: 'off' } } })
    db.close()
  })

  it('calls back after a write, and no more once nobody listens', async () => {
    const { engine, source } = inspect()
    let calls = 0
    const stop = source.onChange(() => { calls++ })
    await engine.db.todos.put({ id: 'a', title: 'A' })
    await until(() => calls > 0)
    stop()
    const heard = calls
    let others = 0
    source.onChange(() => { others++ })
    await engine.db.todos.put({ id: 'b', title: 'B' })
    await until(() => others > 0)
    expect(calls).toBe(heard)
  })

  it('reports without rows, keys or the user\'s id', async () => {
    const { engine, source } = inspect()
    await refuseOne(engine)
    const text = await source.report()
    expect(JSON.parse(text)).toMatchObject({ overview: { versions: { module: '1.2.3' } }, outbox: [{ tableName: 'todos', state: 'failed', code: 'VALIDATION_ERROR' }], diagnostics: { provider: 'gateway', session: 'authenticated' } })
    expect(JSON.parse(text).diagnostics.events.map(({ name }: { name: string }) => name)).toContain('sync.error:action')
    expect(text).not.toMatch(/"ann"|-ann-|"bad"|"title"/)
    expect(text).toMatch(/or3-db-[0-9a-f]{16}-w1/)
  })
})
