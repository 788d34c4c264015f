import Dexie from 'dexie'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine, type SyncProvider, type SyncRole } from 'or3-sync/client'
import { IDBKeyRange, SimDisk } from '../../../src/testing/simulation/sim-disk'
import { todoSchema } from '../../support/todo-schema'

interface Told { tableName: string, pk: string | null, error: string }

/** A device whose disk can be full, and what it tells of writes that were rejected. */
function deviceWithDisk(role: SyncRole = 'editor') {
  const disk = new SimDisk()
  const provider: SyncProvider = {
    id: 'nowhere', mode: 'direct',
    subscribe: () => new Promise(() => {}), pull: () => new Promise(() => {}), push: () => new Promise(() => {}),
  }
  const engine = createSyncEngine({ schema: todoSchema, session: { userId: 'ann', workspaceId: 'w1', role }, provider, indexedDB: disk.connect().factory, IDBKeyRange })
  const told: Told[] = []
  engine.hooks.addAction('sync.capture:action:failed', ({ tableName, pk, error }) => { told.push({ tableName, pk, error: error.name }) })
  /** What was told, once every transaction before is over. */
  const allTold = async () => {
    await engine.db.transaction('rw', engine.db.todos, engine.db.notes, () => engine.db.todos.count())
    return told
  }
  return { engine, db: engine.db, disk, told, allTold }
}

let device: ReturnType<typeof deviceWithDisk>
beforeEach(async () => {
  device = deviceWithDisk()
  await device.db.todos.put({ id: 'there', title: 'x' })
})
afterEach(() => device.engine.close())

describe('F55: a captured write that is rejected is told of, once, after its transaction', () => {
  it('because the disk is full', async () => {
    const { db, disk, allTold } = device
    disk.quotaErrors = 1
    await expect(db.todos.put({ id: '1', title: 'x' })).rejects.toThrow()
    disk.quotaErrors = 1
    await expect(db.todos.bulkPut([{ id: '2', title: 'x' }, { id: '3', title: 'x' }])).rejects.toThrow()
    disk.quotaErrors = 1
    await expect(db.todos.delete('there')).rejects.toThrow()
    expect(await allTold()).toEqual([
      { tableName: 'todos', pk: '1', error: 'QuotaExceededError' },
      { tableName: 'todos', pk: '2', error: 'QuotaExceededError' },
      { tableName: 'todos', pk: 'there', error: 'QuotaExceededError' },
    ])
  })

  it('because the disk is full when the transaction commits: every write in it', async () => {
    const { db, allTold } = device
    await expect(db.transaction('rw', db.todos, db.notes, async (tx) => {
      await db.todos.put({ id: '1', title: 'x' })
      await db.notes.put({ id: '2' })
      const { idbtrans } = tx as unknown as { idbtrans: { _abort: (name: string) => void } }
      setImmediate(() => idbtrans._abort('QuotaExceededError'))
      await db.todos.count()
    })).rejects.toThrow()
    expect(await allTold()).toEqual([
      { tableName: 'todos', pk: '1', error: 'QuotaExceededError' },
      { tableName: 'notes', pk: '2', error: 'QuotaExceededError' },
    ])
  })

  it('because the key exists: each row of it', async () => {
    const { db, allTold } = device
    await expect(db.todos.add({ id: 'there', title: 'x' })).rejects.toThrow()
    await expect(db.todos.bulkAdd([{ id: 'new', title: 'x' }, { id: 'there', title: 'x' }, { id: 'new', title: 'again' }])).rejects.toThrow(Dexie.BulkError)
    expect(await allTold()).toEqual([
      { tableName: 'todos', pk: 'there', error: 'ConstraintError' },
      { tableName: 'todos', pk: 'there', error: 'ConstraintError' },
      { tableName: 'todos', pk: 'new', error: 'ConstraintError' },
    ])
  })

  it('because a value is refused: the row at fault', async () => {
    const { db, allTold } = device
    await expect(db.notes.bulkPut([{ id: '1' }, { id: '2', body: new Map() }])).rejects.toThrow()
    expect(await allTold()).toEqual([{ tableName: 'notes', pk: '2', error: 'SyncError' }])
  })

  it('because its user may only read', async () => {
    const viewer = deviceWithDisk('viewer')
    await expect(viewer.db.todos.put({ id: '1', title: 'x' })).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(await viewer.allTold()).toEqual([{ tableName: 'todos', pk: '1', error: 'SyncError' }])
    await viewer.engine.close()
  })

  it('not before the transaction is over, and also where the app catches the error', async () => {
    const { db, told, allTold } = device
    await db.transaction('rw', db.todos, async () => {
      await db.todos.add({ id: 'there', title: 'x' }).catch(() => {})
      await db.todos.put({ id: '1', title: 'x' })
      expect(told).toEqual([])
    })
    expect(await allTold()).toEqual([{ tableName: 'todos', pk: 'there', error: 'ConstraintError' }])
  })

  it('what the app itself gives up was not rejected', async () => {
    const { db, allTold } = device
    await expect(db.transaction('rw', db.todos, async (tx) => {
      await db.todos.put({ id: '1', title: 'x' })
      void db.todos.put({ id: '2', title: 'x' }).catch(() => {})
      tx.abort()
    })).rejects.toThrow()
    await expect(db.transaction('rw', db.todos, async () => {
      await db.todos.put({ id: '3', title: 'x' })
      throw new Error('changed my mind')
    })).rejects.toThrow('changed my mind')
    expect(await allTold()).toEqual([])
  })
})
