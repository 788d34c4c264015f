import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine, type SyncChange, type SyncProvider } from 'or3-sync/client'
import { defineSyncSchema } from 'or3-sync/schema'
import { memoryBackend } from 'or3-sync/server'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { jsonReply, pushedOps } from '../../support/pushed-ops'
import { clockAt } from '../../support/test-clock'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const NOW = Date.now()
const { todos, notes } = todoSchema.tables
/** The harness types rows by the todo schema; which tables a device really has is the test's affair. */
const schemaOf = (version: number, tables: object) => defineSyncSchema({ version, tables } as never) as unknown as typeof todoSchema

async function online(device: TodoEngine): Promise<TodoEngine> {
  await device.start()
  await device.whenIdle()
  return device
}

/** A change of another device, `clock` being the revision of its record. */
function change(version: number, pk: string, clock: number, edit: Partial<SyncChange> = {}, ms = NOW): SyncChange {
  const opId = `00000000-0000-4000-8000-${String(version).padStart(12, '0')}`
  return {
    tableName: 'todos', pk, op: 'put', payload: { id: pk, title: `at version ${version}` }, serverVersion: version,
    stamp: { deviceId: 'other', opId, hlc: formatHlc({ ms, counter: version, node: 'k3v9x0c2m1qa' }), clock }, ...edit,
  }
}

/** A store that takes every push, and a device whose live pages the test makes up. */
function scripted(stored: SyncChange[] = []) {
  const indexedDB = new IDBFactory()
  let version = Math.max(0, ...stored.map(({ serverVersion }) => serverVersion))
  const live: { deliver: Parameters<SyncProvider['subscribe']>[2] | null } = { deliver: null }
  const provider: SyncProvider = {
    id: 'scripted', mode: 'direct',
    subscribe: async (_, __, onChanges) => { live.deliver = onChanges; return () => {} },
    push: async ({ ops }) => ({ results: ops.map(({ stamp }) => ({ opId: stamp.opId, success: true, applied: true, serverVersion: ++version })), serverVersion: version }),
    pull: async ({ cursor, bootstrap }) => ({ changes: stored.filter(({ serverVersion }) => bootstrap || serverVersion > cursor), nextCursor: version, hasMore: false, latestVersion: version }),
  }
  const open = (now = () => NOW) => createSyncEngine({
    schema: todoSchema, session: { userId: 'ann', workspaceId: 'w1' }, provider, indexedDB, IDBKeyRange, environment: { channel: () => null, locks: null, clock: clockAt(now) },
  })
  return { open, live, stored, provider, setVersion: (next: number) => { version = next } }
}

/** Hands live changes in and waits until they were dealt with. */
async function deliverTo(device: ReturnType<ReturnType<typeof scripted>['open']>, live: ReturnType<typeof scripted>['live'], changes: SyncChange[]): Promise<void> {
  let seen = 0
  const stop = device.hooks.addAction('sync.pull:action:applied', () => { seen++ })
  live.deliver!(changes)
  await until(() => seen)
  stop()
}

describe('a rescan', () => {
  it('pitfall 4: leaves waiting edits as the app wrote them', async () => {
    const device = await online(world.device())
    await device.db.notes.put({ id: 'n', draft: true, createdAt: new Date(5), body: 'held back' })
    const before = await device.db.notes.get('n')
    let completed = false
    device.hooks.addAction('sync.rescan:action:completed', () => { completed = true })
    await device.rescan()
    await until(() => completed)
    expect(await device.db.notes.get('n')).toEqual(before)
  })

  it('pitfall 7: removes rows whose tombstones have been collected', async () => {
    const store = memoryBackend()
    await world.close()
    world = await EngineHarness.open({ backend: store })
    const ann = await online(world.device('ann'))
    await ann.db.todos.bulkPut(['1', '2', '3'].map(id => ({ id, title: 'x' })))
    await ann.whenIdle()
    const bob = await online(world.device('bob'))
    await bob.stop()
    await ann.db.todos.bulkDelete(['1', '2'])
    await ann.whenIdle()
    const { tombstones } = await store.gc({ now: Date.now() + 1, retentionMs: 0, cursorExpiryMs: 0 })
    expect(tombstones).toBe(2)
    const reasons: string[] = []
    bob.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { reasons.push(reason) })
    await online(bob)
    expect(reasons).toEqual(['history gap'])
    expect(await bob.db.todos.toCollection().primaryKeys()).toEqual(['3'])
  })
})

describe('tables', () => {
  it('pitfall 6: one that is added, dropped and added again brings all its rows each time', async () => {
    const ann = await online(world.device('ann'))
    await ann.db.notes.put({ id: 'n1', body: 'first' })
    await ann.db.todos.put({ id: 't', title: 'later than the note' })
    await ann.whenIdle()
    const indexedDB = new IDBFactory()
    const openBob = (version: number, tables: object) => online(world.device('bob', { indexedDB, schema: schemaOf(version, tables) }))

    await (await openBob(1, { todos })).close()
    const added = await openBob(2, { todos, notes })
    expect(await added.db.notes.toArray()).toMatchObject([{ body: 'first' }])
    await added.close()

    const dropped = await openBob(3, { todos })
    await ann.db.notes.put({ id: 'n2', body: 'second' })
    await ann.db.todos.put({ id: 't', title: 'later again' })
    await ann.whenIdle()
    await until(() => dropped.db.todos.get('t'), row => row?.title === 'later again')
    await dropped.close()
    const again = await openBob(4, { todos, notes })
    expect((await again.db.notes.toArray()).map(({ body }) => body)).toEqual(['first', 'second'])
  })
})

describe('what arrives late', () => {
  it('pitfall 15: an old put does not bring back what is deleted here', async () => {
    const { open, live } = scripted([change(1, 't', 1)])
    const before = open()
    await before.start()
    await before.whenIdle()
    await before.db.todos.delete('t')
    await before.whenIdle()
    // A reload: nobody remembers what was pushed, only the tombstone stands.
    await before.close()
    const device = open()
    await device.start()
    await device.whenIdle()
    await deliverTo(device, live, [change(1, 't', 1)])
    expect(await device.db.todos.get('t')).toBeUndefined()
    await device.close()
  })

  it('pitfall 15: an old delete does not take away what was written since', async () => {
    const { open, live } = scripted([change(3, 't', 3)])
    const device = open()
    await device.start()
    await device.whenIdle()
    await deliverTo(device, live, [change(2, 't', 2, { op: 'delete', payload: undefined })])
    expect(await device.db.todos.get('t')).toMatchObject({ title: 'at version 3' })
    await device.close()
  })
})

describe('hybrid time', () => {
  it('pitfall 17: an edit made after a change has arrived is later than it, though the wall clock is behind', async () => {
    const { open } = scripted([change(1, 'theirs', 1, {}, NOW + 60_000)])
    const device = open()
    await device.start()
    await device.whenIdle()
    await device.db.todos.put({ id: 'mine', title: 'x' })
    const [mine, theirs] = await device.db.todos.bulkGet(['mine', 'theirs'])
    expect(mine!.hlc! > theirs!.hlc!).toBe(true)
    await device.close()
  })

  it('pitfall 17: an edit made after a push was told of a later one is later than it, though the wall clock is behind', async () => {
    const device = world.device()
    const { stamp, op, payload } = change(1, 'x', 9, {}, NOW + 60_000)
    let isTold = false
    world.intercept = async (path, init, send) => {
      if (path !== '/push' || isTold) return await send()
      isTold = true
      return jsonReply({ results: pushedOps(init).map(({ stamp: { opId } }) => ({ opId, success: true, applied: false, serverVersion: 1, winner: { op, payload, stamp, serverVersion: 1 } })), serverVersion: 1 })
    }
    await device.db.todos.put({ id: 'x', title: 'mine' })
    const answered = new Promise((resolve) => { device.hooks.addAction('sync.push:action:after', resolve) })
    await device.start()
    await answered
    await device.db.todos.put({ id: 'later', title: 'mine' })
    expect((await device.db.todos.get('later'))!.hlc! > stamp.hlc).toBe(true)
  })

  it('pitfall 17: does not go back over a reload when everything is acknowledged and the wall clock was set back', async () => {
    const { open } = scripted()
    const before = open()
    await before.start()
    await before.db.todos.put({ id: '1', title: 'x' })
    await before.whenIdle()
    expect(await before.queue.pending()).toEqual([])
    await before.close()
    const after = open(() => NOW - 60 * 60_000)
    await after.db.todos.put({ id: '2', title: 'x' })
    const [first, second] = await after.db.todos.bulkGet(['1', '2'])
    expect(second!.hlc! > first!.hlc!).toBe(true)
    await after.close()
  })
})

describe('the cursor', () => {
  it('pitfall 20: does not pass a page that could not be applied', async () => {
    const [ann, bob] = [await online(world.device('ann')), world.device('bob')]
    let writes = 0
    bob.db.use({
      stack: 'dbcore', name: 'a-disk-that-fails-once', level: 0,
      create: core => ({ ...core, table: name => ({ ...core.table(name), mutate: (request) => {
        if (name === 'todos' && writes++ === 0) throw new Error('the disk says no')
        return core.table(name).mutate(request)
      } }) }),
    })
    await online(bob)
    await ann.db.todos.put({ id: '1', title: 'x' })
    expect(await until(() => bob.db.todos.get('1'))).toMatchObject({ title: 'x' })
    expect(writes).toBeGreaterThan(1)
  })

  it('pitfall 20: is not moved by a page that comes late, from a subscription that is over', async () => {
    const { open, live, setVersion, stored } = scripted([change(1, 't1', 1)])
    const device = await online(open() as TodoEngine)
    const late = live.deliver!
    await device.rescan()
    await until(() => live.deliver, deliver => deliver !== late)
    await device.whenIdle()
    stored.push(change(2, 't2', 1))
    setVersion(2)
    late([], { from: 0, nextCursor: 9 })
    live.deliver!([change(2, 't2', 1)], { from: 1, nextCursor: 2 })
    await until(() => device.db.todos.get('t2'))
    expect(device.status.get().cursor).toBe(2)
    await device.close()
  })

  it('pitfall 20: does not jump over what lies between it and a live page', async () => {
    const { open, live, stored, setVersion } = scripted([change(1, 't1', 1)])
    const device = open()
    await device.start()
    await device.whenIdle()
    stored.push(change(2, 't2', 1), change(3, 't3', 1))
    setVersion(3)
    live.deliver!([stored[2]!], { from: 2, nextCursor: 3 })
    await until(() => device.status.get().cursor, cursor => cursor === 3)
    expect(await device.db.todos.toCollection().primaryKeys()).toEqual(['t1', 't2', 't3'])
    await device.close()
  })

  it('does not stay behind a live page that comes while older news are pulled', async () => {
    const { open, live, stored, provider, setVersion } = scripted([change(1, 't1', 1)])
    const device = open()
    await device.start()
    await device.whenIdle()
    const pull = provider.pull
    let answer = () => {}
    const held = new Promise<void>((resolve) => { answer = resolve })
    let asked = false
    provider.pull = async (request) => {
      const page = await pull(request)
      asked = true
      await held
      return page
    }
    stored.push(change(2, 't2', 1), change(3, 't3', 1))
    setVersion(3)
    live.deliver!([stored[2]!], { from: 2, nextCursor: 3 })
    await until(() => asked)
    stored.push(change(4, 't4', 1))
    setVersion(4)
    await live.deliver!([stored[3]!], { from: 3, nextCursor: 4 })
    // Its own wish to pull comes a moment later.
    await new Promise(resolve => setTimeout(resolve, 20))
    answer()
    await until(() => device.status.get().cursor, cursor => cursor === 4)
    await device.close()
  })
})
