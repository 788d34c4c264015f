import { add, remove } from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reactive, readonly, ref, shallowReactive } from 'vue'
import { z } from 'zod'
import { createSyncEngine, type PendingOp, type SyncProvider } from 'or3-sync/client'
import { defineSyncSchema } from 'or3-sync/schema'

const schema = defineSyncSchema({
  version: 1,
  tables: { todos: { schema: z.looseObject({ id: z.string(), tags: z.array(z.unknown()).optional() }), primaryKey: 'id' } },
})

/** A device that never gets to sync: what it writes stays to be looked at. */
function offlineDevice(session: { userId: string, workspaceId: string } | null = { userId: 'ann', workspaceId: 'w1' }) {
  const provider: SyncProvider = {
    id: 'nowhere', mode: 'direct',
    subscribe: () => new Promise(() => {}), pull: () => new Promise(() => {}), push: () => new Promise(() => {}),
  }
  const engine = createSyncEngine({ schema, session, provider, indexedDB: new IDBFactory(), IDBKeyRange })
  const captured: PendingOp[] = []
  engine.hooks.addAction('sync.op:action:captured', ({ op }) => { captured.push(op) })
  return { engine, todos: engine.db.todos, captured }
}

let device: ReturnType<typeof offlineDevice>
beforeEach(() => { device = offlineDevice() })
afterEach(async () => {
  vi.restoreAllMocks()
  await device.engine.close()
})

/** Keys of the rows, and of what the outbox holds of them. */
async function rowsAndEntries(): Promise<{ rows: string[], queued: string[], tombstones: number }> {
  const { db } = device.engine
  const records = await db.table('pending_ops').toArray() as { ops: { pk: string }[] }[]
  return {
    rows: await device.todos.toCollection().primaryKeys(),
    queued: [...new Set(records.flatMap(({ ops }) => ops.map(({ pk }) => pk)))].sort(),
    tombstones: await db.table('tombstones').count(),
  }
}

const NOTHING = { rows: [], queued: [], tombstones: 0 }
const bad = { id: 'bad', tags: [new Map()] }

describe('F1: proxies are unwrapped at any depth, in what is stored and in what is sent', () => {
  const tags = () => [{ name: 'a', list: [1, { deep: true }] }, 'b']

  it.each([
    ['a reactive row', () => reactive({ id: '1', tags: tags() })],
    ['a reactive list in a row', () => ({ id: '1', tags: reactive(tags()) })],
    ['a reactive object deep in a row', () => ({ id: '1', tags: [reactive(tags()[0] as object), 'b'] })],
    ['what a ref holds', () => ref({ id: '1', tags: tags() }).value],
    ['a readonly view', () => readonly({ id: '1', tags: tags() })],
    ['a shallow one over a deep one', () => shallowReactive({ id: '1', tags: reactive(tags()) })],
  ])('put takes %s', async (_, row) => {
    await device.todos.put(row() as { id: string })
    expect(await device.todos.get('1')).toMatchObject({ id: '1', tags: tags() })
    expect(device.captured[0]!.payload).toEqual({ id: '1', tags: tags() })
  })

  it('every way to write takes them', async () => {
    const { todos } = device
    const list = (...items: unknown[]) => reactive([...items.map(name => ({ name }))])
    await todos.add({ id: 'add', tags: list(1) })
    await todos.bulkAdd([{ id: 'bulkAdd', tags: list(2) }])
    await todos.bulkPut([{ id: 'bulkPut', tags: list(3) }])
    await todos.upsert('upsert', { tags: list(4) })
    await todos.update('add', { 'meta.list': list(5) } as never)
    await todos.bulkUpdate([{ key: 'bulkAdd', changes: { tags: list(6) } }])
    await todos.where('id').equals('bulkPut').modify({ tags: list(7) })
    await todos.where('id').equals('upsert').modify((row) => { row.tags = list(8) })
    const stored = await todos.toArray()
    const names = Object.fromEntries(stored.map(({ id, tags: [tag] = [] }) => [id, (tag as { name: number }).name]))
    expect(names).toEqual({ add: 1, bulkAdd: 6, bulkPut: 7, upsert: 8 })
    expect(stored.find(({ id }) => id === 'add')).toMatchObject({ meta: { list: [{ name: 5 }] } })
    expect(device.captured.find(({ pk, stamp }) => pk === 'add' && stamp.clock === 2)!.payload).toEqual({ id: 'add', tags: [{ name: 1 }], meta: { list: [{ name: 5 }] } })
  })

  it('a hook of the app may hand them in, too', async () => {
    device.todos.hook('creating', (_, row) => { Object.assign(row, { tags: reactive(['by the hook']) }) })
    await device.todos.put({ id: '1' })
    expect(await device.todos.get('1')).toMatchObject({ tags: ['by the hook'] })
    expect(device.captured[0]!.payload).toEqual({ id: '1', tags: ['by the hook'] })
  })

  it('Dexie\'s own changes of a list or number are worked out first', async () => {
    const { todos } = device
    await todos.put({ id: '1', tags: ['a'], count: 1 })
    await todos.update('1', { tags: add(['b']), count: add(2) } as never)
    await todos.where('id').equals('1').modify({ tags: remove(['a']) } as never)
    expect(await todos.get('1')).toMatchObject({ tags: ['b'], count: 3 })
    expect(device.captured.at(-1)!.payload).toEqual({ id: '1', tags: ['b'], count: 3 })
  })

  it('what is stored is a copy: later changes of the app\'s object show in neither', async () => {
    const row = reactive({ id: '1', tags: [{ when: new Date(5), bytes: new Uint8Array([1, 2, 3]).subarray(1) }] })
    const writing = device.todos.put(row)
    row.tags[0]!.bytes[0] = 9
    row.tags.push({ when: new Date(6), bytes: new Uint8Array() })
    await writing
    const stored = (await device.todos.get('1'))!.tags![0] as { bytes: Uint8Array }
    const payload = device.captured[0]!.payload as { tags: { bytes: { $bytes: string } }[] }
    expect(atob(payload.tags[0]!.bytes.$bytes)).toBe(String.fromCharCode(...stored.bytes))
    expect(stored.bytes.buffer.byteLength, 'no more than what the view shows').toBe(2)
  })

  it('a database that nothing is sent from takes and refuses the same rows', async () => {
    await device.engine.close()
    device = offlineDevice(null)
    await device.todos.put({ id: '1', tags: reactive([{ a: 1 }]) })
    expect(await device.todos.get('1')).toEqual({ id: '1', tags: [{ a: 1 }] })
    await expect(device.todos.put(bad)).rejects.toThrow('todos.tags[0] is a Map')
  })
})

describe('F1: what cannot be stored is refused before anything is written, naming table and path', () => {
  class Money { constructor(readonly amount: number) {} }
  const cycle: unknown[] = []
  cycle.push(cycle)
  const detached = new Uint8Array(4)
  structuredClone(detached, { transfer: [detached.buffer] })
  const deep = (levels: number): unknown => levels ? [deep(levels - 1)] : 1

  it.each<[string, unknown, string | RegExp]>([
    ['bytes over shared memory', { when: new Uint8Array(new SharedArrayBuffer(2)) }, 'todos.tags[3].when is a Uint8Array over a SharedArrayBuffer'],
    ['shared memory', { when: new SharedArrayBuffer(2) }, 'todos.tags[3].when is a SharedArrayBuffer'],
    ['bytes that were given away', { when: detached }, 'todos.tags[3].when cannot be read'],
    ['other typed arrays', { when: new Float64Array(1) }, 'todos.tags[3].when is a Float64Array'],
    ['a Blob', { when: new Blob([]) }, 'todos.tags[3].when is a Blob'],
    ['a File', { when: new File([], 'x') }, 'todos.tags[3].when is a File'],
    ['a Map', { when: new Map() }, 'todos.tags[3].when is a Map'],
    ['a reactive Map', { when: reactive(new Map()) }, 'todos.tags[3].when is a Map'],
    ['a Set', { when: new Set() }, 'todos.tags[3].when is a Set'],
    ['an object of a class', { when: new Money(1) }, 'todos.tags[3].when is a Money'],
    ['a ref', { when: ref(1) }, 'todos.tags[3].when is a RefImpl'],
    ['an error', { when: new Error('x') }, 'todos.tags[3].when is a Error'],
    ['a regular expression', { when: /x/ }, 'todos.tags[3].when is a RegExp'],
    ['a promise', { when: Promise.resolve() }, 'todos.tags[3].when is a Promise'],
    ['a function', { when() {} }, 'todos.tags[3].when is a function'],
    ['a symbol', { when: Symbol('x') }, 'todos.tags[3].when is a symbol'],
    ['a key that is no string', { [Symbol('x')]: 1 }, 'todos.tags[3] is an object with a key that is no string'],
    ['a proxy of a date', { when: new Proxy(new Date(), {}) }, 'todos.tags[3].when'],
    ['what throws when it is read', { get when() { throw new Error('not now') } }, 'todos.tags[3].when cannot be read: not now'],
    ['a circle', cycle, /^todos\.tags\[3\](\[0\])+ is nested deeper than 64 levels \(or refers to itself\)$/],
    ['65 levels', deep(64), /^todos\.tags\[3\](\[0\])+ is nested deeper than 64 levels/],
    ['an endless bigint', 10n ** 4000n, 'todos.tags[3] is a bigint of more than 4000 digits'],
    ['a value above what browsers store', 'x'.repeat(121 * 1024 * 1024), 'todos.tags[3] makes the row larger than'],
  ])('%s', async (_, value, message) => {
    const { todos, engine } = device
    const row = { id: 'bad', tags: [0, 1, 2, value] }
    await expect(todos.put(row)).rejects.toThrow(message)
    await expect(todos.bulkPut([{ id: 'good' }, row])).rejects.toThrow(message)
    // The app goes on in the same transaction as if nothing had been.
    await engine.db.transaction('rw', todos, async () => {
      await todos.bulkAdd([{ id: 'good' }, row]).catch(() => {})
      await todos.put({ id: 'other' })
    })
    expect(await rowsAndEntries()).toEqual({ rows: ['other'], queued: ['other'], tombstones: 0 })
  })

  it('64 levels are taken, and what travels as one value is no level', async () => {
    const row = { id: '1', tags: [deep(62), Array(1).fill(new Date(5))] }
    await device.todos.put(row)
    let inner: unknown = new Date(7)
    for (let level = 0; level < 64; level++) inner = [inner]
    await device.todos.put({ id: '2', tags: inner as unknown[] })
    expect((await rowsAndEntries()).queued).toEqual(['1', '2'])
  })

  it.each(['update', 'modify', 'upsert', 'bulkUpdate'] as const)('%s leaves the row as it was', async (how) => {
    const { todos } = device
    await todos.put({ id: '1', tags: ['as it was'] })
    const tags = [new Map()]
    const writes = {
      update: () => todos.update('1', { tags }),
      modify: () => todos.where('id').equals('1').modify({ tags }),
      upsert: () => todos.upsert('1', { tags }),
      bulkUpdate: () => todos.bulkUpdate([{ key: '1', changes: { tags } }]),
    }
    await expect(writes[how]()).rejects.toThrow('todos.tags[0] is a Map')
    expect(await todos.get('1')).toMatchObject({ tags: ['as it was'], clock: 1 })
    expect(device.captured).toHaveLength(1)
  })

  it('a row that is no object', async () => {
    await expect(device.todos.put(7 as never)).rejects.toThrow('todos is a number')
    expect(await rowsAndEntries()).toEqual(NOTHING)
  })
})

describe('F1: row and outbox entry stand or fall together, wherever the store fails', () => {
  /** The store throws at such rows as browsers do at values above their limit: in the middle of a call. */
  function throwAt(store: string, isRefused: (value: Record<string, unknown>) => boolean, how: 'throws' | 'fails' = 'throws') {
    const prototype = Object.getPrototypeOf(fakeStore()) as IDBObjectStore
    for (const method of ['put', 'add'] as const) {
      const write = prototype[method]
      vi.spyOn(prototype, method).mockImplementation(function (this: IDBObjectStore, value: Record<string, unknown>, key?: IDBValidKey) {
        if (this.name !== store || !isRefused(value)) return write.call(this, value, key)
        if (how === 'throws') throw new DOMException('the value is too large', 'DataError')
        // A request that fails later, as a key that exists does.
        const existing = { ...value, id: 'kept' }
        return this.transaction.objectStore('todos').add.call(this.transaction.objectStore('todos'), existing)
      })
    }
  }
  function fakeStore(): IDBObjectStore {
    const { backendDB } = device.engine.db
    return backendDB.call(device.engine.db).transaction('todos').objectStore('todos')
  }

  it.each(['bulkPut', 'bulkAdd'] as const)('%s that throws at its second row outside a transaction', async (how) => {
    await device.engine.db.open()
    throwAt('todos', ({ id }) => id === 'large')
    await expect(device.todos[how]([{ id: 'good' }, { id: 'large' }, { id: 'after' }])).rejects.toThrow('too large')
    expect(await rowsAndEntries()).toEqual(NOTHING)
  })

  it.each(['bulkPut', 'bulkAdd', 'put', 'add'] as const)('%s that throws within a transaction whose app catches the error', async (how) => {
    const { engine, todos } = device
    await engine.db.open()
    throwAt('todos', ({ id }) => id === 'large')
    const write = () => how === 'put' || how === 'add' ? todos[how]({ id: 'large' }) : todos[how]([{ id: 'good' }, { id: 'large' }])
    await engine.db.transaction('rw', todos, async () => {
      await todos.put({ id: 'before' })
      await write().catch(() => {})
      await todos.put({ id: 'after' }).catch(() => {})
    }).catch(() => {})
    const { rows, queued } = await rowsAndEntries()
    expect(queued).toEqual(rows)
  })

  it.each(['throws', 'fails'] as const)('an outbox entry whose request %s takes its rows with it', async (how) => {
    await device.todos.put({ id: 'kept' })
    throwAt('pending_ops', () => true, how)
    await device.engine.db.transaction('rw', device.todos, async () => {
      await device.todos.put({ id: '1' }).catch(() => {})
    }).catch(() => {})
    vi.restoreAllMocks()
    expect(await rowsAndEntries()).toEqual({ rows: ['kept'], queued: ['kept'], tombstones: 0 })
  })

  it.each(['throws', 'fails'] as const)('a tombstone whose request %s leaves the row where it is', async (how) => {
    await device.todos.bulkPut([{ id: 'kept' }, { id: 'there' }])
    throwAt('tombstones', () => true, how)
    await device.engine.db.transaction('rw', device.todos, async () => {
      await device.todos.delete('there').catch(() => {})
    }).catch(() => {})
    vi.restoreAllMocks()
    const records = await device.engine.db.table('pending_ops').toArray() as { ops: { op: string }[] }[]
    expect(records.flatMap(({ ops }) => ops.map(({ op }) => op))).toEqual(['put', 'put'])
    expect(await rowsAndEntries()).toEqual({ rows: ['kept', 'there'], queued: ['kept', 'there'], tombstones: 0 })
  })

  it.each(['delete', 'bulkDelete', 'clear'] as const)('a %s whose request fails leaves row, outbox and tombstones as they were', async (how) => {
    await device.todos.bulkPut([{ id: 'there' }, { id: 'other' }])
    const prototype = Object.getPrototypeOf(fakeStore()) as IDBObjectStore
    for (const method of ['delete', 'clear'] as const) {
      const remove = prototype[method] as (this: IDBObjectStore, key?: unknown) => IDBRequest<undefined>
      vi.spyOn(prototype, method).mockImplementation(function (this: IDBObjectStore, key?: unknown) {
        if (this.name !== 'todos' || (key !== undefined && key !== 'there')) return remove.call(this, key)
        return this.add({ id: 'there' }) as unknown as IDBRequest<undefined>
      })
    }
    const { db } = device.engine
    const deletes = { delete: () => device.todos.delete('there'), bulkDelete: () => device.todos.bulkDelete(['other', 'there']), clear: () => device.todos.clear() }
    await db.transaction('rw', device.todos, async () => { await deletes[how]().catch(() => {}) }).catch(() => {})
    vi.restoreAllMocks()
    expect(await rowsAndEntries()).toEqual({ rows: ['other', 'there'], queued: ['other', 'there'], tombstones: 0 })
    expect(device.captured).toHaveLength(2)
  })

  it('a row whose request fails later is not queued, its neighbours are', async () => {
    await device.todos.put({ id: 'kept' })
    throwAt('todos', ({ id }) => id === 'fails', 'fails')
    await device.engine.db.transaction('rw', device.todos, async () => {
      await device.todos.bulkPut([{ id: 'a' }, { id: 'fails' }, { id: 'b' }]).catch(() => {})
    })
    vi.restoreAllMocks()
    expect(await rowsAndEntries()).toEqual({ rows: ['a', 'b', 'kept'], queued: ['a', 'b', 'kept'], tombstones: 0 })
  })
})
