import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { reactive } from 'vue'
import { createSyncEngine } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import { createLocalDatabase } from '#or3-sync/core/sync/life/local-database'
import { moveLocalRows } from '#or3-sync/core/sync/database/move-local-rows'
import type { EngineDatabase } from '#or3-sync/core/sync/records/engine-database'
import type { AdoptedState } from '#or3-sync/core/sync/records/engine-records'
import { createSyncDatabase, LOCAL_DATABASE_NAME } from '#or3-sync/core/sync/database/sync-database'
import { EngineHarness, type TodoEngine } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

const schema = todoSchema as unknown as SyncSchema
let world: EngineHarness
let opened: { close: () => void }[]
beforeEach(async () => {
  world = await EngineHarness.open()
  opened = []
})
afterEach(async () => {
  for (const database of opened) database.close()
  await world.close()
})

const track = <T extends { close: () => void }>(database: T): T => {
  opened.push(database)
  return database
}
const openLocal = (indexedDB = new IDBFactory()) => track(createLocalDatabase({ schema, indexedDB, IDBKeyRange }))
/** As a version of the app left it that took anything. */
const openUnchecked = (indexedDB: IDBFactory) => track(createSyncDatabase({ name: LOCAL_DATABASE_NAME, schema, indexedDB, IDBKeyRange }))
const openSignedOut = () => {
  const engine = createSyncEngine({ schema: todoSchema, session: null, provider: world.provider('ann'), indexedDB: new IDBFactory(), IDBKeyRange })
  opened.push({ close: () => void engine.close() })
  return engine.db as unknown as EngineDatabase
}
const databaseOf = (engine: TodoEngine) => engine.db as unknown as EngineDatabase

/** The same target, which does something more once rows are stored in it. */
function after(target: EngineDatabase, act: () => Promise<unknown>): EngineDatabase {
  return new Proxy(target, {
    get: (db, name) => {
      if (name !== 'transaction') return Reflect.get(db, name) as unknown
      return async (...args: Parameters<EngineDatabase['transaction']>) => {
        const result: unknown = await db.transaction(...args)
        await act()
        return result
      }
    },
  })
}

const BAD_KEYS: [string, unknown][] = [['number', 7], ['date', new Date(5)], ['empty', ''], ['too long', 'x'.repeat(300)], ['control character', 'a\u0001'], ['lone surrogate', 'a\uD800'], ['list', ['a', 'b']]]
const BAD_VALUES: [string, unknown][] = [['Map', new Map([[1, 2]])], ['Set', new Set([1])], ['RegExp', /x/], ['deep', Array.from({ length: 70 }).reduce<unknown>(x => [x], 1)]]

describe.each<[string, () => EngineDatabase]>([['sync is off', openLocal], ['nobody is signed in', openSignedOut]])('B5: a database where %s', (_, open) => {
  it.each(BAD_KEYS)('takes no key that no workspace takes: %s', async (_, id) => {
    await expect(open().table('todos').put({ id, title: 'x' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it.each(BAD_VALUES)('takes no value that could not travel: %s', async (_, body) => {
    await expect(open().table('notes').put({ id: '1', body })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it('takes Vue proxies at any depth', async () => {
    const db = open()
    await db.table('notes').bulkPut([{ id: '1', body: { tags: reactive(['a']) } }, reactive({ id: '2', body: { tags: ['b'] } })])
    expect(await db.table('notes').toArray()).toEqual([{ id: '1', body: { tags: ['a'] } }, { id: '2', body: { tags: ['b'] } }])
  })
})

describe('A7: local rows that move into a workspace', () => {
  it('B5: one that is refused stays, the others move, and the refusal is told', async () => {
    const indexedDB = new IDBFactory()
    await openUnchecked(indexedDB).table('todos').bulkPut([{ id: 5, title: 'old' }, { id: 'a', title: 'a' }, { id: 'b', title: 'b' }])
    const [local, ann] = [openLocal(indexedDB), world.device()]
    await expect(moveLocalRows(local, databaseOf(ann), schema)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', count: 1 })
    expect([await local.table('todos').toCollection().primaryKeys(), await ann.db.todos.toCollection().primaryKeys()]).toEqual([[5], ['a', 'b']])
  })

  it('a row that another tab writes meanwhile is moved again', async () => {
    const indexedDB = new IDBFactory()
    const [local, otherTab, ann] = [openLocal(indexedDB), openLocal(indexedDB), world.device()]
    await local.table('todos').put({ id: 'a', title: 'old' })
    let writes = 1
    const target = after(databaseOf(ann), async () => {
      if (writes-- > 0) await otherTab.table('todos').put({ id: 'a', title: 'new' })
    })
    await moveLocalRows(local, target, schema)
    expect([await ann.db.todos.get('a'), await otherTab.table('todos').count()]).toMatchObject([{ title: 'new' }, 0])
  })

  it('a move that was cut off writes nothing a second time when it is made again', async () => {
    const [local, ann] = [openLocal(), world.device()]
    await local.table('todos').bulkPut([{ id: 'a', title: 'local' }, { id: 'b', title: 'local' }])
    const cutOff = after(databaseOf(ann), () => Promise.reject(new Error('the tab was closed')))
    await expect(moveLocalRows(local, cutOff, schema)).rejects.toThrow('closed')
    const { hashes } = await databaseOf(ann).sync_state.get('adopted') as AdoptedState
    expect(hashes.map(([key]) => key), 'as earlier versions of the package have stored it').toEqual(['todos/a', 'todos/b'])
    // Somebody has edited one since; the user has edited the other, still locally.
    await ann.db.todos.update('a', { title: 'newer' })
    await local.table('todos').bulkPut([{ id: 'b', title: 'edited' }, { id: '0', title: 'added' }])
    await moveLocalRows(local, databaseOf(ann), schema)
    expect(await ann.db.todos.toArray()).toMatchObject([{ id: '0', title: 'added' }, { id: 'a', title: 'newer' }, { id: 'b', title: 'edited' }])
    expect(await local.table('todos').count()).toBe(0)
  })

  it('what has moved and is written locally once more moves again', async () => {
    const [local, ann] = [openLocal(), world.device()]
    for (let n = 0; n < 2; n++) {
      await ann.db.todos.put({ id: 'a', title: 'edited' })
      await local.table('todos').put({ id: 'a', title: 'local' })
      await moveLocalRows(local, databaseOf(ann), schema)
      expect(await ann.db.todos.get('a')).toMatchObject({ title: 'local' })
    }
  })

  it.each([['local', openLocal], ['that of a page in which nobody is signed in', openSignedOut]])('none moves into the database it is in: %s', async (_, open) => {
    const local = open()
    await local.table('todos').put({ id: 'a', title: 'mine' })
    await expect(moveLocalRows(local, local, schema)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(LOCAL_DATABASE_NAME) as string })
    expect(await local.table('todos').toCollection().primaryKeys()).toEqual(['a'])
  })

  it('all rows of a large table move', async () => {
    const [local, ann] = [openLocal(), world.device()]
    await local.table('todos').bulkPut(Array.from({ length: 1_201 }, (_, n) => ({ id: String(n), title: 't' })))
    expect([await moveLocalRows(local, databaseOf(ann), schema), await ann.db.todos.count()]).toEqual([1_201, 1_201])
  })
})
