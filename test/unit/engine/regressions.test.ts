import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { createSyncEngine, createSyncHooks } from 'or3-sync/client'
import { defineSyncSchema } from 'or3-sync/schema'
import { EngineHarness, until } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'
import { NoticeRules } from '#or3-sync/core/sync/notifications/notice-rules'
import { listenForNotices } from '#or3-sync/core/sync/notifications/notification-center'
let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

it('a: notices come again after a failed rescan that then completed', async () => {
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const hooks = createSyncHooks(silent)
  const added: any[] = []
  listenForNotices({ hooks, env: { clock: { now: () => 1e12, setTimeout: () => 0, clearTimeout() {} }, uuid: () => 'x', log: silent } as any, db: () => ({ sync_notifications: { add: async (n: any) => { added.push(n) } } }) as any })
  const scope = { workspaceId: 'w' }
  hooks.doAction('sync.rescan:action:starting', { scope, reason: 'x' }) // fails, no hook
  hooks.doAction('sync.rescan:action:starting', { scope, reason: 'x' })
  hooks.doAction('sync.rescan:action:completed', { scope })
  hooks.doAction('sync.error:action', { op: { tableName: 't', pk: '1' } as any, error: new Error('e'), code: 'VALIDATION_ERROR', permanent: true })
  expect(added.length).toBe(1)
})

it('b: a table added while a bootstrap is interrupted arrives', async () => {
  const big = world.device('ann')
  await big.start()
  await big.db.todos.bulkPut(Array.from({ length: 400 }, (_, i) => ({ id: `t${i}`, title: 't' })))
  await big.db.notes.put({ id: 'n1' })
  await big.whenIdle()
  await big.db.todos.bulkPut(Array.from({ length: 400 }, (_, i) => ({ id: `u${i}`, title: 't' })))
  await big.whenIdle()
  const indexedDB = new IDBFactory()
  let pulls = 0
  world.intercept = async (path, init, send) => { if (path === '/pull' && ++pulls > 1) throw new TypeError('gone'); return send() }
  const one = createSyncEngine({ schema: defineSyncSchema({ version: 1, tables: { todos: { schema: z.object({ id: z.string(), title: z.string() }), primaryKey: 'id' } } }), session: { userId: 'bob', workspaceId: 'w1' }, provider: world.provider('bob'), indexedDB, IDBKeyRange, environment: { channel: () => null, locks: null } })
  await one.start()
  await until(() => one.db.todos.count(), n => n > 0)
  await one.close()
  world.intercept = null
  const schema2 = defineSyncSchema({ version: 2, tables: { todos: { schema: z.object({ id: z.string(), title: z.string() }), primaryKey: 'id' }, notes: { schema: z.object({ id: z.string() }), primaryKey: 'id' } } })
  const two = createSyncEngine({ schema: schema2, session: { userId: 'bob', workspaceId: 'w1' }, provider: world.provider('bob'), indexedDB, IDBKeyRange, environment: { channel: () => null, locks: null } })
  await two.start(); await two.whenIdle()
  const counts = [await two.db.todos.count(), await two.db.notes.count()]
  await two.close()
  expect(counts).toEqual([800, 1])
}, 20000)

it('c: rescan() asked for while catching up happens', async () => {
  const a = world.device('ann')
  let release!: () => void
  const gate = new Promise<void>((r) => { release = r })
  world.intercept = async (path, init, send) => { if (path === '/pull') await gate; return send() }
  const reasons: string[] = []
  a.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { reasons.push(reason) })
  await a.start()
  await until(() => world.requests.includes('/pull'))
  await a.rescan()
  release()
  await a.whenIdle()
  expect(reasons).toEqual(['asked for'])
})

it('d: a store that always asks for a rescan is not asked in a tight loop', async () => {
  let pulls = 0
  const page = { changes: [], nextCursor: 0, hasMore: false, latestVersion: 0 }
  const provider: any = { id: 'x', mode: 'direct', subscribe: async () => () => {}, push: async (b: any) => ({ results: [], serverVersion: 0 }), pull: async (r: any) => { pulls++; await new Promise(r => setTimeout(r, 1)); return r.bootstrap ? page : { ...page, requiresRescan: true } } }
  const e = createSyncEngine({ schema: todoSchema, session: { userId: 'u', workspaceId: 'w' }, provider, indexedDB: new IDBFactory(), IDBKeyRange, environment: { channel: () => null, locks: null } })
  await e.start()
  await new Promise(r => setTimeout(r, 1000))
  await e.stop()
  expect(pulls).toBeLessThan(12)
})

it('e: asc provider that leaves tombstones out for bootstrap: delete during the walk is not missed', async () => {
  const row = (n: number) => ({ serverVersion: n, tableName: 'todos', pk: `t${n}`, op: 'put', payload: { id: `t${n}`, title: 'x' }, stamp: { deviceId: 'd', opId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, hlc: `0mf3k2v9c:000${n}:k3v9x0c2m1qa`, clock: 1 } })
  let recs: any[] = [row(1), row(2), row(3)]
  let version = 3, calls = 0
  const provider: any = { id: 'x', mode: 'direct', subscribe: async () => () => {}, push: async () => ({ results: [], serverVersion: 0 }),
    pull: async (r: any) => {
      const list = recs.filter(c => c.serverVersion > r.cursor && !(r.bootstrap && c.op === 'delete')).sort((a, b) => a.serverVersion - b.serverVersion)
      const changes = list.slice(0, r.bootstrap ? 2 : 100); const hasMore = list.length > changes.length
      const reply = { changes, hasMore, nextCursor: hasMore ? changes.at(-1).serverVersion : version, latestVersion: version }
      if (++calls === 1) { recs = [{ ...row(1), op: 'delete', payload: undefined, serverVersion: 4, stamp: { ...row(1).stamp, clock: 2 } }, row(2), row(3)]; version = 4 }
      return reply
    } }
  const e = createSyncEngine({ schema: todoSchema, session: { userId: 'u', workspaceId: 'w' }, provider, indexedDB: new IDBFactory(), IDBKeyRange, environment: { channel: () => null, locks: null } })
  await e.start(); await e.whenIdle()
  const keys = await e.db.todos.toCollection().primaryKeys()
  await e.close()
  expect(keys).toEqual(['t2', 't3'])
})

it('f: a held create is not lost to an older delete that arrives by pull', async () => {
  const b = world.device('bob'); await b.start()
  await b.db.notes.put({ id: 'n' }); await b.db.notes.put({ id: 'n', body: 1 }); await b.db.notes.delete('n'); await b.whenIdle()
  const a = world.device('ann')
  await a.db.notes.put({ id: 'n', draft: true, body: 'mine' }) // base null, later hlc, clock 1
  await a.start(); await a.whenIdle()
  await a.db.todos.put({ id: 'z', title: 'z' }); await a.whenIdle()
  // live delete again
  const row = await a.db.notes.get('n')
  // now a tombstone through the upward feed: another device recreates and deletes while a is offline with a held create of another key
  expect(row?.body).toBe('mine')
})

it('g: live tombstone older than a pending create', async () => {
  const a = world.device('ann'), b = world.device('bob')
  await a.start(); await b.start(); await a.whenIdle(); await b.whenIdle()
  world.intercept = async (path, init, send) => { if ((init?.headers as any)?.['x-block']) throw 1; return send() }
  await b.stop()
  await b.db.notes.put({ id: 'k' }); await b.db.notes.put({ id: 'k', body: 1 }); await b.db.notes.delete('k')
  await new Promise(r => setTimeout(r, 5))
  await a.db.notes.put({ id: 'k', draft: true, body: 'mine' })
  await a.whenIdle()
  await b.start(); await b.whenIdle()
  await until(() => a.status.get().cursor, c => c >= 1)
  await a.whenIdle()
  const kept = await a.db.notes.get('k')
  expect(kept?.body).toBe('mine')
})
it('h: a blocklisted kv row / schema change between capture and flush; quarantine applied by an upgrade', async () => {
  const b = world.device('bob'); await b.start(); await b.db.todos.put({ id: '1', title: 'x' }); await b.whenIdle()
  const indexedDB = new IDBFactory()
  const mk = (schema: any) => createSyncEngine({ schema, session: { userId: 'ann', workspaceId: 'w1' }, provider: world.provider('ann'), indexedDB, IDBKeyRange, environment: { channel: () => null, locks: null } })
  const strict = mk(defineSyncSchema({ version: 1, tables: { todos: { schema: z.object({ id: z.string(), title: z.number() }), primaryKey: 'id' } } }))
  await strict.start(); await strict.whenIdle()
  expect((await strict.diagnostics()).quarantined).toBe(1)
  await strict.close()
  const fine = mk(defineSyncSchema({ version: 2, tables: { todos: { schema: z.object({ id: z.string(), title: z.string() }), primaryKey: 'id' } } }))
  await fine.start(); await fine.whenIdle()
  const before = await (fine.db as any).todos.count()
  await fine.rescan(); await until(() => (fine.db as any).todos.count(), n => n === 1); await fine.whenIdle()
  expect([(await fine.diagnostics()).quarantined]).toEqual([0])
  expect(before).toBe(1)
})
