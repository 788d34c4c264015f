// First of all: Dexie's live queries do nothing if there is no IndexedDB when Dexie is imported.
import 'fake-indexeddb/auto'
import type { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { browserSide, openRendered, renderPage, StoreReader, vue, type Side } from '../../support/page-of-queries'
import { SessionBrowser, signedIn } from '../../support/session-browser'

const { defineComponent, h } = vue

let world: EngineHarness
let browser: SessionBrowser
let other: TodoEngine
let page: Awaited<ReturnType<typeof openRendered>> | undefined
/** Typed by the playground's schema; these pages have the todo schema. */
let row: { save: (changes: object) => Promise<void>, remove: () => Promise<void> }

beforeEach(async () => {
  world = await EngineHarness.open()
  browser = new SessionBrowser()
  browser.cookie = signedIn('ann')
  other = world.device('bob')
  await other.start()
})
afterEach(async () => {
  await page?.close()
  browser.close()
  vi.unstubAllGlobals()
  await world.close()
})

const make = ({ useSyncRow }: Side) => defineComponent({
  setup() {
    const todo = useSyncRow('todos' as never, '1')
    if (useSyncRow === browserSide.useSyncRow) row = todo as unknown as typeof row
    return () => h('p', JSON.stringify(todo.row.value, ['title', 'list_id', 'done']) ?? 'nothing')
  },
})

async function open(reader = new StoreReader(world), indexedDB?: IDBFactory) {
  return page = await openRendered(await renderPage(make, reader), make, { world, browser, indexedDB })
}
const stored = async () => (await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 100 })).changes.map(({ op, payload }) => [op, payload?.title, payload?.list_id, payload?.done])
const settled = async () => {
  page!.begin()
  await until(() => page!.client.status, ({ state, pendingCount }) => state === 'idle' && pendingCount === 0)
  await page!.client.engine.value!.whenIdle()
}
const conflicts = async () => await page!.client.engine.value!.conflicts.list()

/** A device of Ann's that has synced what the store has now, and is closed again. */
async function usedDevice(): Promise<IDBFactory> {
  const device = world.device('ann')
  await device.start()
  await device.whenIdle()
  await device.close()
  return device.indexedDB
}

describe('before this device has the row that the server has rendered', () => {
  it('save changes the fields that it names, and keeps the others', async () => {
    await other.db.todos.put({ id: '1', title: 'Wash', list_id: 'l' })
    await other.whenIdle()
    await open()
    await row.save({ done: true })
    await until(() => page!.root.textContent, text => text === '{"title":"Wash","list_id":"l","done":true}')
    await settled()
    expect(await stored()).toEqual([['put', 'Wash', 'l', true]])
    expect(await conflicts()).toEqual([])
  })

  it('save is made upon the row that is shown, and not upon an older one', async () => {
    await other.db.todos.put({ id: '1', title: 'Old', list_id: 'l' })
    await other.whenIdle()
    const indexedDB = await usedDevice()
    for (const title of ['Newer', 'Newest']) {
      await other.db.todos.update('1', { title })
      await other.whenIdle()
    }
    await open(new StoreReader(world), indexedDB)
    await row.save({ done: true })
    await until(() => page!.root.textContent, text => text === '{"title":"Newest","list_id":"l","done":true}')
    await settled()
    expect(await stored()).toEqual([['put', 'Newest', 'l', true]])
    expect(await conflicts()).toEqual([])
  })

  it('remove deletes it', async () => {
    await other.db.todos.put({ id: '1', title: 'Wash' })
    await other.whenIdle()
    await open()
    await row.remove()
    await until(() => page!.root.textContent, text => text === 'nothing')
    await settled()
    expect((await stored()).map(([op]) => op)).toEqual(['delete'])
  })

  it('an edit that waits here already is changed, and not overwritten', async () => {
    await other.db.todos.put({ id: '1', title: 'Old' })
    await other.whenIdle()
    const indexedDB = await usedDevice()
    const offline = world.device('ann', { indexedDB })
    await offline.db.todos.update('1', { title: 'Mine' })
    await offline.close()
    for (const title of ['Newer', 'Newest']) {
      await other.db.todos.update('1', { title })
      await other.whenIdle()
    }
    await open(new StoreReader(world), indexedDB)
    await row.save({ done: true })
    await until(() => page!.root.textContent, text => text === '{"title":"Mine","done":true}')
    await settled()
    expect(await conflicts()).toMatchObject([{ local: { row: { title: 'Mine', done: true } } }])
  })

  it('edits at the same moment are all made upon it', async () => {
    await other.db.todos.put({ id: '1', title: 'Wash' })
    await other.whenIdle()
    await open()
    await Promise.all([row.save({ done: true }), row.save({ list_id: 'l' }), row.save({ title: 'Cook' })])
    await settled()
    expect(await stored()).toEqual([['put', 'Cook', 'l', true]])
    expect(await conflicts()).toEqual([])
  })

  it('a viewer\'s edit is refused, and stores nothing', async () => {
    await other.db.todos.put({ id: '1', title: 'Wash' })
    await other.whenIdle()
    browser.cookie = signedIn('ann', { w1: 'viewer' })
    await open()
    await page!.client.session!.first()
    await page!.client.settled()
    for (const change of [row.save({ done: true }), row.remove()]) await expect(change).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(await page!.client.db.value!.table('todos').count()).toBe(0)
    expect(page!.root.textContent).toBe('{"title":"Wash"}')
  })

  it('a row that was deleted here since is not brought back by an edit of it', async () => {
    await other.db.todos.put({ id: '1', title: 'Wash', list_id: 'l' })
    await other.whenIdle()
    await open()
    await row.remove()
    await row.save({ title: 'Again' })
    await until(() => page!.root.textContent, text => text === '{"title":"Again"}')
    await settled()
    expect(await stored()).toEqual([['put', 'Again', undefined, undefined]])
  })

  it('after a sign-out and a sign-in of somebody else an edit is made upon what they have', async () => {
    await other.db.todos.put({ id: '1', title: 'Wash', list_id: 'l' })
    await other.whenIdle()
    await open()
    await page!.client.session!.first()
    browser.cookie = signedIn('bob')
    await page!.client.signOut()
    await until(() => page!.root.textContent, text => text === 'nothing')
    await page!.client.session!.refresh()
    await page!.client.settled()
    await row.save({ title: 'Bob\'s' })
    const mine = await page!.client.db.value!.table('todos').get('1') as object
    expect([page!.client.db.value!.name, mine]).toEqual(['or3-db-bob-w1', expect.not.objectContaining({ list_id: 'l' })])
  })

  it('the row of another user\'s page is never taken', async () => {
    await other.db.todos.put({ id: '1', title: 'Bob\'s', list_id: 'secret' })
    await other.whenIdle()
    await open(new StoreReader(world, 'bob'))
    await row.save({ title: 'Mine' })
    expect(await page!.client.db.value!.table('todos').get('1')).toMatchObject({ title: 'Mine' })
    expect(await page!.client.db.value!.table('todos').get('1')).not.toHaveProperty('list_id')
  })
})
