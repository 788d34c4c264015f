import Dexie from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine, type PendingOp, type SyncProvider } from 'or3-sync/client'
import { todoSchema } from '../../support/todo-schema'

/** A device that never gets to sync: what it captures stays to be looked at. */
function capturingDevice(indexedDB = new IDBFactory(), role: 'editor' | 'viewer' = 'editor') {
  const provider: SyncProvider = {
    id: 'nowhere', mode: 'direct',
    subscribe: () => new Promise(() => {}), pull: () => new Promise(() => {}), push: () => new Promise(() => {}),
  }
  const engine = createSyncEngine({ schema: todoSchema, session: { userId: 'ann', workspaceId: 'w1', role }, provider, indexedDB, IDBKeyRange })
  const captured: PendingOp[] = []
  engine.hooks.addAction('sync.op:action:captured', ({ op }) => { captured.push(op) })
  const outbox = async () => (await engine.db.table('pending_ops').toArray()).flatMap(record => (record.ops as { pk: string, op: string, clock: number, base: unknown }[]).map(op => ({ ...op, status: record.status as string })))
  return { engine, db: engine.db, captured, outbox }
}

let device: ReturnType<typeof capturingDevice>
beforeEach(() => { device = capturingDevice() })
afterEach(async () => { await device.engine.close() })

describe('capture', () => {
  it('stamps a put and queues it in the same transaction', async () => {
    const { db, outbox, captured } = device
    const row = { id: '1', title: 'a' }
    await db.todos.put(row)
    const stored = await db.todos.get('1')
    expect(stored).toMatchObject({ id: '1', title: 'a', clock: 1 })
    expect(stored?.hlc).toMatch(/^[0-9a-z]{9}:[0-9a-z]{4}:[0-9a-z]{8,16}$/)
    expect(await outbox()).toMatchObject([{ pk: '1', op: 'put', clock: 1, base: null, status: 'pending' }])
    expect(captured).toMatchObject([{ tableName: 'todos', pk: '1', operation: 'put', payload: { id: '1', title: 'a' }, stamp: { clock: 1, hlc: stored?.hlc, opId: stored?.op_id } }])
    expect(row, 'the app\'s own object is left alone').toEqual({ id: '1', title: 'a' })
  })

  it('pitfall 16: the clock of a new edit is the stored row\'s plus one, whatever the app\'s object says', async () => {
    const { db } = device
    await db.todos.put({ id: '1', title: 'a' })
    await db.todos.put({ id: '1', title: 'blind put without a clock' })
    await db.todos.put({ id: '1', title: 'with a stale one', clock: 1, hlc: 'nonsense', op_id: 'nonsense' })
    await db.todos.put({ id: '1', title: 'with a huge one', clock: 1e9 })
    expect((await db.todos.get('1'))?.clock).toBe(4)
  })

  it('covers add, update, upsert, modify, bulkAdd, bulkPut, bulkUpdate, delete, bulkDelete, Collection.delete and clear', async () => {
    const { db, outbox } = device
    await db.todos.add({ id: '1', title: 'a' })
    await db.todos.update('1', { title: 'b' })
    await db.todos.upsert('2', { title: 'c' })
    await db.todos.bulkAdd([{ id: '3', title: 'd', list_id: 'x' }, { id: '4', title: 'e', list_id: 'x' }])
    await db.todos.bulkPut([{ id: '5', title: 'f' }, { id: '6', title: 'g' }])
    await db.todos.bulkUpdate([{ key: '5', changes: { title: 'h' } }])
    await db.todos.where('list_id').equals('x').modify({ done: true })
    await db.todos.delete('1')
    await db.todos.bulkDelete(['2'])
    await db.todos.where('list_id').equals('x').delete()
    await db.todos.clear()
    const ops = (await outbox()).map(({ pk, op, clock }) => `${op} ${pk}@${clock}`)
    expect(ops).toEqual([
      'put 1@1', 'put 1@2', 'put 2@1', 'put 3@1', 'put 4@1', 'put 5@1', 'put 6@1', 'put 5@2', 'put 3@2', 'put 4@2',
      'delete 1@3', 'delete 2@2', 'delete 3@3', 'delete 4@3', 'delete 5@3', 'delete 6@2',
    ])
    expect(await db.table('tombstones').count()).toBe(6)
  })

  it('pitfall 2: a transaction that names only its own table still queues its writes', async () => {
    const { db, outbox } = device
    await db.transaction('rw', db.todos, async () => {
      await db.todos.put({ id: '1', title: 'a' })
      await db.todos.put({ id: '1', title: 'b' })
    })
    expect(await outbox()).toMatchObject([{ clock: 1 }, { clock: 2, base: { clock: 1 } }])
  })

  it('an aborted transaction leaves neither rows nor outbox entries, and announces nothing', async () => {
    const { db, outbox, captured } = device
    await expect(db.transaction('rw', db.todos, db.notes, async () => {
      await db.todos.put({ id: '1', title: 'a' })
      await db.notes.bulkPut([{ id: 'n' }])
      throw new Error('changed my mind')
    })).rejects.toThrow('changed my mind')
    expect([await db.todos.count(), await outbox(), await db.table('tombstones').count(), captured]).toEqual([0, [], 0, []])
  })

  it('a bulkAdd that fails for some rows and is caught queues exactly the rows that were added', async () => {
    const { db, outbox } = device
    await db.todos.add({ id: '1', title: 'there' })
    await db.transaction('rw', db.todos, async () => {
      await db.todos.bulkAdd([{ id: '1', title: 'again' }, { id: '2', title: 'new' }]).catch(Dexie.BulkError, () => {})
    })
    expect((await outbox()).map(({ pk }) => pk)).toEqual(['1', '2'])
    expect((await db.todos.get('1'))?.title).toBe('there')
  })

  it('twice the same key in one call: the later edit stands upon the earlier', async () => {
    const { db } = device
    await db.todos.bulkPut([{ id: '1', title: 'first' }, { id: '1', title: 'second' }])
    expect(await db.todos.get('1')).toMatchObject({ title: 'second', clock: 2 })
  })

  it('a record created again stands above its tombstone', async () => {
    const { db, outbox } = device
    await db.todos.put({ id: '1', title: 'a' })
    await db.todos.delete('1')
    await db.todos.add({ id: '1', title: 'again' })
    expect((await db.todos.get('1'))?.clock).toBe(3)
    expect(await db.table('tombstones').count()).toBe(0)
    expect((await outbox()).at(-1)).toMatchObject({ op: 'put', clock: 3, base: { clock: 2 } })
  })

  it('deleting what is not there queues nothing', async () => {
    const { db, outbox } = device
    await db.todos.delete('nobody')
    await db.todos.clear()
    expect(await outbox()).toEqual([])
  })

  it('costs one outbox record a call, in parts of 500', async () => {
    const { db } = device
    await db.todos.bulkPut(Array.from({ length: 1_200 }, (_, index) => ({ id: `k${index}`, title: 'x' })))
    expect((await db.table('pending_ops').toArray()).map(record => record.ops.length)).toEqual([500, 500, 200])
  })

  it('values that JSON lacks travel tagged, real objects of such a name are escaped, undefined is dropped', async () => {
    const { db, captured } = device
    await db.notes.put({ id: '1', createdAt: new Date(5), body: { big: 10n, bytes: new Uint8Array([1, 2]), nan: Number.NaN, inf: -Infinity, real: { $date: 1 }, gone: undefined } })
    expect(captured[0]!.payload).toEqual({
      id: '1',
      created_at: { $date: 5 },
      body: { big: { $bigint: '10' }, bytes: { $bytes: 'AQI=' }, nan: { $number: 'NaN' }, inf: { $number: '-Infinity' }, real: { $escape: { $date: 1 } } },
    })
  })

  it.each([
    ['a Map', { id: '1', body: { deep: [new Map()] } }, /body\.deep\[0\] is a Map/],
    ['a Set', { id: '1', body: new Set() }, /body is a Set/],
    ['a function', { id: '1', body: { run() {} } }, /body\.run is a function/],
    ['a Blob', { id: '1', body: new Blob([]) }, /body is a Blob/],
    ['a numeric key', { id: 7 as unknown as string }, /notes\.id: a primary key must be a string/],
    ['an empty key', { id: '' }, /must not be empty/],
    ['a control character', { id: 'a\u0000b' }, /control characters/],
    ['a long key', { id: 'x'.repeat(257) }, /at most 256 characters/],
  ])('refuses %s at once, naming the path, and writes nothing', async (_, row, message) => {
    const failures: unknown[] = []
    device.engine.hooks.addAction('sync.capture:action:failed', ({ tableName }) => { failures.push(tableName) })
    await expect(device.db.notes.put(row)).rejects.toThrow(message)
    expect([await device.db.notes.count(), await device.outbox(), failures]).toEqual([0, [], ['notes']])
  })

  it('holds back what capture says, and releases it with a later edit', async () => {
    const { db, outbox } = device
    await db.notes.put({ id: '1', draft: true })
    expect(await outbox()).toMatchObject([{ status: 'held' }])
    await db.notes.update('1', { draft: false })
    expect(await outbox()).toMatchObject([{ status: 'held', base: null }, { status: 'pending', clock: 2 }])
  })

  it('an excluded row leaves no trace; a row that becomes excluded sends a delete and stays here', async () => {
    const { db, outbox } = device
    await db.notes.put({ id: 'secret', private: true })
    expect(await outbox()).toEqual([])
    await db.notes.put({ id: '1' })
    await db.notes.update('1', { private: true })
    expect(await outbox()).toMatchObject([{ pk: '1', op: 'put' }, { pk: '1', op: 'delete', clock: 2 }])
    expect(await db.notes.get('1')).toMatchObject({ private: true })
  })

  it('a viewer\'s write rejects at once', async () => {
    const viewer = capturingDevice(new IDBFactory(), 'viewer')
    await expect(viewer.db.todos.put({ id: '1', title: 'no' })).rejects.toMatchObject({ code: 'READ_ONLY' })
    await viewer.engine.close()
  })

  it('pitfall 17: hybrid time never goes back over a reload, even when the wall clock did', async () => {
    const indexedDB = new IDBFactory()
    const open = (now: number) => createSyncEngine({
      schema: todoSchema, session: { userId: 'a', workspaceId: 'w' }, indexedDB, IDBKeyRange,
      provider: { id: 'x', mode: 'direct', subscribe: () => new Promise(() => {}), pull: () => new Promise(() => {}), push: () => new Promise(() => {}) },
      environment: { clock: { now: () => now, setTimeout: () => 0, clearTimeout: () => {} } },
    })
    const first = open(1_700_000_000_000)
    await first.db.todos.put({ id: '1', title: 'a' })
    const before = (await first.db.todos.get('1'))!.hlc!
    await first.close()
    const second = open(1_600_000_000_000)
    await second.db.todos.put({ id: '2', title: 'b' })
    const after = (await second.db.todos.get('2'))!.hlc!
    await second.close()
    expect(after > before).toBe(true)
    expect(after.split(':')[2]).not.toBe(before.split(':')[2])
  })
})
