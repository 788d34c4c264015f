import Dexie from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { EngineHarness, type TodoEngine } from '../../support/engine-harness'

/** Checked with the types of an app whose schema has these tables (test/unit/docs/code-blocks.test.ts), which this project has not. */
const FOLDER = '../../fixtures/docs-app/existing-dexie'
const loadImport = async () => await import(`${FOLDER}/import-old-database`) as { importOldDatabase: () => Promise<number> }
const loadExport = async () => await import(`${FOLDER}/export-rows`) as { exportRows: (table: string) => Promise<object[]> }

let world: EngineHarness
let device: TodoEngine
const before = { ...Dexie.dependencies }

beforeEach(async () => {
  const indexedDB = new IDBFactory()
  Object.assign(Dexie.dependencies, { indexedDB, IDBKeyRange })
  world = await EngineHarness.open()
  device = world.device('ann', { indexedDB })
  vi.stubGlobal('getDb', () => device.db)
})
afterEach(async () => {
  await world.close()
  vi.unstubAllGlobals()
  Object.assign(Dexie.dependencies, before)
})

async function oldDatabase(...texts: string[]) {
  const old = new Dexie('my-todos')
  old.version(1).stores({ todos: '++id' })
  await old.table('todos').bulkAdd(texts.map((text, index) => ({ text, finished: index % 2 })))
  old.close()
}

it('rows of an old Dexie database are edits of the workspace, once', async () => {
  const { importOldDatabase } = await loadImport()
  await oldDatabase('Milk', 'Bread')
  expect(await importOldDatabase()).toBe(2)
  expect(await importOldDatabase()).toBe(0)
  expect(await Dexie.exists('my-todos')).toBe(false)
  await device.start()
  await device.whenIdle()
  const { rows } = await world.gateway.list('w1', 'todos')
  expect(rows).toMatchObject([{ id: 'imported-1', title: 'Milk', done: false }, { id: 'imported-2', title: 'Bread', done: true }])
})

it('an import that was interrupted goes on, and keeps what was edited since', async () => {
  const { importOldDatabase } = await loadImport()
  await oldDatabase('Milk', 'Bread')
  await device.db.table('todos').add({ id: 'imported-1', title: 'Oat milk', done: true })
  expect(await importOldDatabase()).toBe(1)
  expect(await device.db.table('todos').get('imported-1')).toMatchObject({ title: 'Oat milk' })
})

it('rows come out as the app wrote them', async () => {
  const { exportRows } = await loadExport()
  await device.db.table('todos').add({ id: '1', title: 'Milk' })
  expect(await exportRows('todos')).toEqual([{ id: '1', title: 'Milk' }])
})
