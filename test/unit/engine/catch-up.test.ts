import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine, type PullRequest, type PullResponse, type SyncChange, type SyncProvider } from 'or3-sync/client'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness, until } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const todos = { schema: z.object({ id: z.string(), title: z.string() }), primaryKey: 'id' } as const
const notes = { schema: z.object({ id: z.string() }), primaryKey: 'id' } as const
const rows = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}`, title: 'row' }))

/** The harness types rows by the todo schema; which tables a device really has is the test's affair. */
const asTodoSchema = (schema: unknown) => schema as typeof todoSchema

/** A device whose store is nothing but a function that answers pulls. */
function deviceOf(pull: (request: PullRequest) => PullResponse) {
  const provider: SyncProvider = {
    id: 'pull-only', mode: 'direct',
    subscribe: async () => () => {},
    push: async () => ({ results: [], serverVersion: 0 }),
    pull: async request => pull(request),
  }
  return createSyncEngine({
    schema: todoSchema, session: { userId: 'ann', workspaceId: 'w1' }, provider, indexedDB: new IDBFactory(), IDBKeyRange,
    environment: { channel: () => null, locks: null },
  })
}

function change(version: number, edit: Partial<SyncChange> = {}, clock = 1): SyncChange {
  const pk = edit.pk ?? `t${version}`
  const opId = `00000000-0000-4000-8000-${String(version).padStart(12, '0')}`
  return {
    tableName: 'todos', pk, op: 'put', payload: { id: pk, title: 'x' }, serverVersion: version,
    stamp: { deviceId: 'other', opId, hlc: `0mf3k2v9c:000${version}:k3v9x0c2m1qa`, clock }, ...edit,
  }
}

describe('catching up', () => {
  it('fetches a table that was added while a first sync was interrupted', async () => {
    const ann = world.device('ann')
    await ann.start()
    await ann.db.todos.bulkPut(rows('old', 400))
    await ann.db.notes.put({ id: 'n1' })
    await ann.whenIdle()
    await ann.db.todos.bulkPut(rows('new', 400))
    await ann.whenIdle()

    let pulls = 0
    world.intercept = async (path, _, send) => {
      if (path === '/pull' && ++pulls > 1) throw new TypeError('gone')
      return await send()
    }
    const before = world.device('bob', { schema: asTodoSchema(defineSyncSchema({ version: 1, tables: { todos } })) })
    await before.start()
    await until(() => before.db.todos.count())
    await before.close()
    world.intercept = null

    const after = world.device('bob', { schema: asTodoSchema(defineSyncSchema({ version: 2, tables: { todos, notes } })), indexedDB: before.indexedDB })
    await after.start()
    await after.whenIdle()
    expect([await after.db.todos.count(), await after.db.notes.count()]).toEqual([800, 1])
  })

  it('takes a rescan into account that is asked for while it lasts', async () => {
    const device = world.device()
    let release = () => {}
    const gate = new Promise<void>((resolve) => { release = resolve })
    world.intercept = async (path, _, send) => {
      if (path === '/pull') await gate
      return await send()
    }
    const reasons: string[] = []
    device.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { reasons.push(reason) })
    await device.start()
    await until(() => world.requests.includes('/pull'))
    await device.rescan()
    release()
    await device.whenIdle()
    expect(reasons).toEqual(['asked for'])
  })

  it('leaves a store in peace that asks for one rescan after the other', async () => {
    const page = { changes: [], nextCursor: 0, hasMore: false, latestVersion: 0 }
    let pulls = 0
    const device = deviceOf((request) => {
      pulls++
      return { ...page, requiresRescan: !request.bootstrap }
    })
    const errors: Error[] = []
    device.hooks.addAction('sync.pull:action:error', ({ error }) => { errors.push(error) })
    await device.start()
    await until(() => errors.length > 0 || pulls >= 12)
    await device.close()
    expect(pulls).toBeLessThan(12)
    expect(errors).toMatchObject([{ code: 'SERVER_ERROR', retryAfter: 10_000 }])
  })

  it('sees a delete during the walk, where a store that walks upward leaves tombstones out', async () => {
    let stored = [change(1), change(2), change(3)]
    let pulls = 0
    const device = deviceOf(({ cursor, bootstrap }) => {
      const latestVersion = stored.at(-1)!.serverVersion
      const found = stored.filter(({ op, serverVersion }) => serverVersion > cursor && !(bootstrap && op === 'delete'))
      const changes = bootstrap ? found.slice(0, 2) : found
      const hasMore = found.length > changes.length
      if (++pulls === 1) stored = [change(2), change(3), change(4, { pk: 't1', op: 'delete', payload: undefined }, 2)]
      return { changes, hasMore, nextCursor: hasMore ? changes.at(-1)!.serverVersion : latestVersion, latestVersion }
    })
    await device.start()
    await device.whenIdle()
    const keys = await device.db.todos.toCollection().primaryKeys()
    await device.close()
    expect(keys).toEqual(['t2', 't3'])
  })

  it('applies what waits in quarantine once an upgrade of the schema lets it through', async () => {
    const bob = world.device('bob')
    await bob.start()
    await bob.db.todos.put({ id: '1', title: 'x' })
    await bob.whenIdle()
    const stricter = defineSyncSchema({ version: 1, tables: { todos: { schema: z.object({ id: z.string(), title: z.number() }), primaryKey: 'id' } } })
    const before = world.device('ann', { schema: asTodoSchema(stricter) })
    await before.start()
    await before.whenIdle()
    expect((await before.diagnostics()).quarantined).toBe(1)
    await before.close()

    const after = world.device('ann', { schema: asTodoSchema(defineSyncSchema({ version: 2, tables: { todos } })), indexedDB: before.indexedDB })
    await after.start()
    await after.whenIdle()
    expect([await after.db.todos.count(), (await after.diagnostics()).quarantined]).toEqual([1, 0])
  })
})
