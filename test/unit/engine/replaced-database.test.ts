import Dexie from 'dexie'
import { forceCloseDatabase, IDBKeyRange, type IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineDatabase } from '#or3-sync/core/sync/records/engine-database'
import { CursorManager } from '#or3-sync/core/sync/progress/cursor-manager'
import type { HeardMarks } from '#or3-sync/core/sync/progress/heard-marks'
import { OvertakenError } from '#or3-sync/core/sync/progress/overtaken-error'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

let world: EngineHarness
let ann: TodoEngine
let errors: string[]
beforeEach(async () => {
  world = await EngineHarness.open()
  const writer = world.device('bob')
  await writer.start()
  await writer.db.todos.bulkPut(Array.from({ length: 50 }, (_, index) => ({ id: `bob-${index}`, title: 'by Bob' })))
  await writer.whenIdle()
  ann = world.device('ann')
  errors = []
  ann.hooks.addAction('sync.error:action', ({ code }) => { errors.push(code) })
  await ann.start()
  await ann.db.todos.put({ id: 'ann-0', title: 'by Ann' })
  await ann.whenIdle()
})
afterEach(() => world.close())

const fromOutside = (indexedDB: IDBFactory, name: string) => new Dexie(name, { indexedDB, IDBKeyRange }).delete()

const nodeOf = async ({ db }: TodoEngine, id: string) => (await db.todos.get(id) as { hlc?: string }).hlc!.split(':')[2]

/** The raw connection of an open Dexie. */
const connection = ({ db }: TodoEngine) => (db as unknown as { backendDB: () => unknown }).backendDB()

const WAYS: [string, (engine: TodoEngine) => PromiseLike<unknown>][] = [
  ['by another tab', engine => fromOutside(engine.indexedDB, engine.db.name)],
  ['by the app itself', engine => engine.db.delete().then(() => engine.db.open())],
  ['by the browser, which closes it first', (engine) => {
    forceCloseDatabase(connection(engine) as never)
    return fromOutside(engine.indexedDB, engine.db.name)
  }],
]

describe('a database that is deleted under a running page', () => {
  it.each(WAYS)('F2: is a new device: everything comes again (%s)', async (_, remove) => {
    const { deviceId } = await ann.diagnostics()
    await remove(ann)
    await until(() => ann.db.todos.count(), count => count === 51)
    expect((await ann.diagnostics()).deviceId).not.toBe(deviceId)
    expect(errors).toEqual(['DATABASE_REPLACED'])
    await ann.whenIdle()
    expect(ann.status.get()).toMatchObject({ state: 'idle', firstSyncDone: true, pendingCount: 0 })
  })

  it('F2: goes on in both directions: what this page stamps from now on is nobody\'s echo', async () => {
    const nodeBefore = await nodeOf(ann, 'ann-0')
    await fromOutside(ann.indexedDB, ann.db.name)
    await ann.db.todos.put({ id: 'ann-1', title: 'right after' })
    await until(() => ann.db.todos.count(), count => count === 52)
    await ann.db.todos.put({ id: 'ann-2', title: 'by the new device' })
    expect(await nodeOf(ann, 'ann-2'), 'the stamps of another device').not.toBe(nodeBefore)
    const bob = world.device('bob')
    await bob.start()
    await until(() => bob.db.todos.get('ann-1'))
    await bob.db.todos.update('ann-0', { title: 'changed by Bob' })
    await until(() => ann.db.todos.get('ann-0'), row => row?.title === 'changed by Bob')
    await bob.db.todos.delete('ann-1')
    await until(() => ann.db.todos.get('ann-1'), row => row === undefined)
  })

  it('F2: gets back what it had written itself a moment ago', async () => {
    await ann.db.todos.bulkPut(Array.from({ length: 20 }, (_, index) => ({ id: `late-${index}`, title: 'just pushed' })))
    await ann.whenIdle()
    await fromOutside(ann.indexedDB, ann.db.name)
    await until(() => ann.db.todos.where('id').startsWith('late-').count(), count => count === 20)
  })

  it('F2: takes nothing that was looked at in the one before', async () => {
    let incarnation = 0
    const heard = { load: async () => {} } as unknown as HeardMarks
    const fence = { read: () => {}, check: () => {} }
    const cursors = new CursorManager({ db: ann.db as unknown as EngineDatabase, heard, fence, incarnation: () => incarnation, knows: () => true })
    const stored = await cursors.load()
    await cursors.checkWalk(stored)
    incarnation++
    await expect(cursors.checkWalk(stored)).rejects.toThrow(OvertakenError)
  })

  it('F2: takes no page of the one before, and no position', async () => {
    let release = () => {}
    world.intercept = async (path, _, send) => {
      if (path !== '/pull') return await send()
      const response = await send()
      await new Promise<void>((resolve) => { release = resolve })
      return response
    }
    const held = new Promise<void>((resolve) => { ann.hooks.addAction('sync.subscription:action:statusChange', () => resolve()) })
    void ann.rescan()
    await held
    await fromOutside(ann.indexedDB, ann.db.name)
    world.intercept = null
    release()
    await until(() => ann.db.todos.count(), count => count === 51)
    await ann.whenIdle()
    const { firstSyncDone, cursor } = ann.status.get()
    expect([firstSyncDone, cursor]).toEqual([true, 51])
  })

  it('F2: stays deleted where the page has stopped syncing', async () => {
    await ann.stop()
    await fromOutside(ann.indexedDB, ann.db.name)
    await new Promise(resolve => setTimeout(resolve, 700))
    expect(await ann.indexedDB.databases()).toEqual([])
  })
})
