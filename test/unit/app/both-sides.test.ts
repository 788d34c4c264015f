// First of all: Dexie's live queries do nothing if there is no IndexedDB when Dexie is imported.
import 'fake-indexeddb/auto'
import type { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Component } from 'vue'
import { EngineHarness, until } from '../../support/engine-harness'
import { browserSide, openRendered, renderPage, StoreReader, vue, type Side } from '../../support/page-of-queries'
import type { QueryTables, SyncQuery } from '#or3-sync/shared/sync/query/query-types'
import type { todoSchema } from '../../support/todo-schema'
import { NOBODY, SessionBrowser, signedIn } from '../../support/session-browser'

const { defineComponent, h, ref, Suspense, watch } = vue

interface Todo { id: string, title: string, list_id?: string }
/** The composables are typed by the playground's schema. The pages here have the todo schema. */
type Todos = QueryTables<typeof todoSchema['tables'], { todos: Todo, notes: object }>
type Querier = (q: Todos) => SyncQuery<unknown> | null
const list: Querier = q => q.todos.where('list_id').equals('l')
/** An index that is not there. */
const bad: Querier = q => q.todos.where('colour' as 'id').equals('red')

let world: EngineHarness
let browser: SessionBrowser
let opened: Awaited<ReturnType<typeof openRendered>>[]
/** All that the list has shown in the browser, in this order. */
let shown: string[]

beforeEach(async () => {
  world = await EngineHarness.open()
  browser = new SessionBrowser()
  browser.cookie = signedIn('ann')
  opened = []
  shown = []
})
afterEach(async () => {
  for (const page of opened) await page.close()
  browser.close()
  vi.unstubAllGlobals()
  await world.close()
})

/** For `useLiveQuery`, whose types are those of another schema. */
const asQuerier = (querier: Querier) => querier as never

const titlesOf = (value: unknown) => (value as Todo[] | undefined)?.map(({ title }) => title).join() ?? 'nothing'

/** A page with one list. */
function listPage(query: Querier = list, { isQuiet = false } = {}) {
  return ({ useLiveQuery }: Side): Component => defineComponent({
    setup() {
      const todos = useLiveQuery(asQuerier(query))
      if (!isQuiet && useLiveQuery === browserSide.useLiveQuery) watch(todos, value => shown.push(titlesOf(value)), { immediate: true, flush: 'sync' })
      return () => h('p', `${titlesOf(todos.value)} ${todos.loading.value} ${String(todos.error.value)}`)
    },
  })
}

async function open(page: Parameters<typeof openRendered>[0], make: (side: Side) => Component, options: { indexedDB?: IDBFactory } = {}) {
  const found = await openRendered(page, make, { world, browser, ...options })
  opened.push(found)
  return found
}

/** Another device writes, and the store has it. */
async function store(...todos: Todo[]): Promise<void> {
  const other = world.device('bob')
  await other.start()
  for (const todo of todos) await other.db.todos.put({ list_id: 'l', ...todo })
  await other.whenIdle()
  await other.close()
}

/** A device of Ann's that has synced what the store has now, and is closed again. */
async function usedDevice(): Promise<IDBFactory> {
  const device = world.device('ann')
  await device.start()
  await device.whenIdle()
  await device.close()
  return device.indexedDB
}

const idle = (page: { client: { status: { state: string } } }) => until(() => page.client.status.state, state => state === 'idle')
const text = ({ root }: { root: { textContent: string | null } }) => root.textContent

describe('in the browser, a component that hydrates', () => {
  it('begins with the server\'s rows, and changes over to the device\'s in one step', async () => {
    await store({ id: '1', title: 'Wash' })
    const page = await renderPage(listPage(), new StoreReader(world))
    const here = await open(page, listPage())
    expect(text(here)).toBe('Wash false null')
    expect(here.warnings).toEqual([])
    here.begin()
    await idle(here)
    await store({ id: '2', title: 'Cook' })
    await until(() => text(here), found => found === 'Wash,Cook false null')
    await (here.client.db.value as never as { todos: { put: (row: Todo) => Promise<void> } }).todos.put({ id: '0', title: 'Mine', list_id: 'l' })
    await until(() => text(here), found => found?.startsWith('Mine,Wash') ?? false)
    expect([...new Set(shown)]).toEqual(['Wash', 'Wash,Cook', 'Mine,Wash,Cook'])
  })

  it('shows nothing older on a device that was away', async () => {
    await store({ id: '1', title: 'Old' }, { id: '9', title: 'Gone' })
    const indexedDB = await usedDevice()
    const other = world.device('bob')
    await other.start()
    await other.whenCaughtUp()
    await other.db.todos.update('1', { title: 'New' })
    await other.db.todos.delete('9')
    await other.whenIdle()
    const page = await renderPage(listPage(), new StoreReader(world))
    const here = await open(page, listPage(), { indexedDB })
    await new Promise(resolve => setTimeout(resolve, 100))
    here.begin()
    await idle(here)
    await other.db.todos.put({ id: '2', title: 'After', list_id: 'l' })
    await until(() => text(here), found => found === 'New,After false null')
    expect([...new Set(shown)]).toEqual(['New', 'New,After'])
  })

  it('changes over once the device has caught up, if the store was restored and versions say nothing', async () => {
    await store({ id: '1', title: 'Wash' })
    const indexedDB = await usedDevice()
    const page = await renderPage(listPage(), Object.assign(new StoreReader(world), { epoch: 'another' }))
    await store({ id: '2', title: 'Cook' })
    const here = await open(page, listPage(), { indexedDB })
    here.begin()
    await until(() => text(here), found => found === 'Wash,Cook false null')
    expect([...new Set(shown)]).toEqual(['Wash', 'Wash,Cook'])
  })

  it('goes on with the server\'s rows when a dep changes before the device has caught up', async () => {
    await store({ id: '1', title: 'Wash' })
    const dep = ref(0)
    const make = ({ useLiveQuery }: Side) => defineComponent({
      setup() {
        const todos = useLiveQuery(asQuerier(list), dep)
        return () => h('p', `${titlesOf(todos.value)} ${todos.loading.value}`)
      },
    })
    const here = await open(await renderPage(make, new StoreReader(world)), make)
    dep.value++
    await here.client.db.value!.open()
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(text(here)).toBe('Wash false')
  })

  it('has unsent edits on top, offline as well', async () => {
    await store({ id: '1', title: 'Old' }, { id: '2', title: 'Deleted here' })
    const indexedDB = await usedDevice()
    const offline = world.device('ann', { indexedDB })
    await offline.db.todos.update('1', { title: 'Mine' })
    await offline.db.todos.delete('2')
    await offline.db.todos.put({ id: '3', title: 'New', list_id: 'l' })
    await offline.close()
    await store({ id: '4', title: 'Theirs' })
    const page = await renderPage(listPage(), new StoreReader(world))
    world.offline = true
    const here = await open(page, listPage(), { indexedDB })
    here.begin()
    await until(() => text(here), found => found === 'Mine,New,Theirs false null')
    world.offline = false
    await idle(here)
    await until(() => here.client.status.pendingCount, count => count === 0)
    expect(text(here)).toBe('Mine,New,Theirs false null')
    expect([...new Set(shown)]).toEqual(['Old,Deleted here,Theirs', 'Mine,New,Theirs'])
  })

  it('shows until it is mounted what the server has shown, and then no row of another user\'s', async () => {
    await store({ id: '1', title: 'Bob\'s' })
    const page = await renderPage(listPage(), new StoreReader(world, 'bob'))
    const here = await open(page, listPage())
    expect([text(here), here.warnings]).toEqual(['Bob\'s false null', []])
    await here.client.session!.first()
    await Promise.resolve()
    expect(shown.at(-1)).toBe('nothing')
    await until(() => text(here), found => found === ' false null')
  })

  it.each([['another workspace', () => new StoreReader(world, 'ann', 'w2'), signedIn('ann')], ['nobody', () => new StoreReader(world), NOBODY]])('drops rows when the page is that of %s', async (_, reader, cookie) => {
    await store({ id: '1', title: 'Theirs' })
    const page = await renderPage(listPage(), reader())
    browser.cookie = cookie
    const here = await open(page, listPage())
    await until(() => text(here), found => found === ' false null')
    expect(shown).toEqual(['Theirs', 'nothing', ''])
  })

  it('shows what the server has shown when that had no rows, whatever Dexie answers before it is mounted', async () => {
    await store({ id: '1', title: 'Wash' })
    const indexedDB = await usedDevice()
    const make = ({ useLiveQuery }: Side) => {
      const isBrowser = useLiveQuery === browserSide.useLiveQuery
      const List = defineComponent({
        async setup() {
          const todos = useLiveQuery(asQuerier(list))
          if (isBrowser) await new Promise(resolve => setTimeout(resolve, 200))
          return () => h('p', `${titlesOf(todos.value)} ${todos.loading.value} ${String(todos.error.value)}`)
        },
      })
      return defineComponent({ setup: () => () => h(Suspense, null, { default: () => h(List) }) })
    }
    const page = await renderPage(make, null)
    const here = await open(page, make, { indexedDB })
    expect(text(here)).toBe('nothing true null')
    await until(() => text(here), found => found === 'Wash false null')
    expect(here.warnings.filter(warning => !warning.includes('experimental'))).toEqual([])
  })

  it('reports what the querier throws, after it has hydrated', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const page = await renderPage(listPage(bad), new StoreReader(world))
    const here = await open(page, listPage(bad))
    expect(here.warnings).toEqual([])
    await until(() => text(here), found => found?.startsWith('nothing false SyncError: table "todos" has no index "colour"') ?? false)
    vi.restoreAllMocks()
  })

  it.each<[string, (q: never) => unknown, string]>([
    ['no query', () => Promise.resolve([]), 'a querier with an argument must return a query'],
    ['one without its condition', (q: { todos: { where: (index: string) => unknown } }) => q.todos.where('id'), 'where(…) needs a condition'],
  ] as never)('says so when the querier returns %s', async (_, querier, message) => {
    const named = Object.assign((q: never) => querier(q), {}) as never
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const here = await open(await renderPage(listPage(named), new StoreReader(world)), listPage(named))
    await until(() => text(here), found => found?.includes(message) ?? false)
    vi.restoreAllMocks()
  })

  it('shows nothing more of the page when the workspace is left before the device has caught up', async () => {
    await store({ id: '1', title: 'Wash' })
    browser.cookie = signedIn('ann', { w1: 'editor', w2: 'editor' })
    const here = await open(await renderPage(listPage(), new StoreReader(world)), listPage())
    await here.client.session!.first()
    await until(() => text(here), found => found === 'Wash false null')
    here.client.session!.switchWorkspace('w2')
    await here.client.settled()
    await until(() => text(here), found => found === ' false null')
    expect(shown).toEqual(['Wash', 'nothing', ''])
  })

  it('keeps following while it is kept alive, and begins anew when it is made again', async () => {
    await store({ id: '1', title: 'Wash' })
    const [isThere, version] = [ref(true), ref(0)]
    const make = (side: Side) => {
      const List = listPage()(side)
      return defineComponent({ setup: () => () => h('div', [h(vue.KeepAlive, null, { default: () => isThere.value ? h(List, { key: version.value }) : null })]) })
    }
    const here = await open(await renderPage(make, new StoreReader(world)), make)
    here.begin()
    await idle(here)
    isThere.value = false
    await vue.nextTick()
    await store({ id: '2', title: 'Cook' })
    await until(() => shown.at(-1), last => last === 'Wash,Cook')
    isThere.value = true
    await vue.nextTick()
    expect(text(here)).toBe('Wash,Cook false null')
    version.value++
    await until(() => text(here), found => found === 'Wash,Cook false null')
    expect(here.warnings).toEqual([])
  })

  it('has every value of a row as a device has it, and none of them can end the script that the page carries them in', async () => {
    const body = { text: '</script><script>alert(1)</script>', at: new Date(5), big: 2n ** 70n, bytes: new Uint8Array([1, 2]), buffer: new Uint8Array([3]).buffer, odd: [NaN, -0, Infinity, null], constructor: 'c', nested: { toString: 1 } }
    const other = world.device('bob')
    await other.start()
    await other.db.notes.put({ id: '1', body, createdAt: new Date(7) })
    await other.whenIdle()
    await other.close()
    let found: unknown
    const make = ({ useLiveQuery }: Side) => defineComponent({
      setup() {
        const note = useLiveQuery(asQuerier(q => q.notes.get('1')))
        return () => { found = note.value; return h('p') }
      },
    })
    const page = await renderPage(make, new StoreReader(world))
    expect(page.payload).not.toMatch(/<\/?script/)
    await open(page, make)
    const synced = world.device('ann')
    await synced.start()
    await synced.whenIdle()
    expect(found).toEqual(await synced.db.notes.get('1'))
    expect(found).toMatchObject({ body: { ...body, odd: [NaN, expect.anything(), Infinity, null] }, createdAt: new Date(7) })
  })

  it('frees the payload; a component that is mounted later reads Dexie alone', async () => {
    await store({ id: '1', title: 'Wash' })
    const isThere = ref(false)
    const make = (side: Side) => {
      const [First, Second] = [listPage()(side), listPage(list, { isQuiet: true })(side)]
      return defineComponent({ setup: () => () => h('div', [h(First), ...isThere.value ? [h(Second)] : []]) })
    }
    const page = await renderPage(make, new StoreReader(world))
    const here = await open(page, make)
    expect((here.nuxt.payload.or3Sync as { answers: object }).answers).toEqual({})
    isThere.value = true
    await vue.nextTick()
    expect(text(here)).toBe('Wash false nullnothing true null')
    here.begin()
    await until(() => text(here), found => found === 'Wash false nullWash false null')
  })

  it('keeps an answer for a component that hydrates later', async () => {
    await store({ id: '1', title: 'Wash' })
    const page = await renderPage(listPage(), new StoreReader(world))
    const make = ({ useLiveQuery }: Side) => defineComponent({ setup: () => { void useLiveQuery; return () => h('p', 'Wash false null') } })
    const here = await open(page, make)
    expect(Object.keys((here.nuxt.payload.or3Sync as { answers: object }).answers)).toHaveLength(1)
  })
})

describe('a query for both sides follows', () => {
  it('refs that its querier reads, and deps', async () => {
    await store({ id: '1', title: 'Wash' }, { id: '2', title: 'Elsewhere', list_id: 'm' })
    const [name, dep] = [ref<string | null>('l'), ref(0)]
    let runs = 0
    const make = ({ useLiveQuery }: Side) => defineComponent({
      setup() {
        const todos = useLiveQuery(asQuerier((q) => { runs++; return name.value === null ? null : q.todos.where('list_id').equals(name.value) }), dep)
        return () => h('p', `${titlesOf(todos.value)} ${todos.loading.value}`)
      },
    })
    const here = await open({ html: '<p>nothing true</p>', payload: '[{}]', warnings: [] }, make)
    here.begin()
    await until(() => text(here), found => found === 'Wash false')
    name.value = 'm'
    await vue.nextTick()
    expect(text(here)).toBe('Wash true')
    await until(() => text(here), found => found === 'Elsewhere false')
    name.value = null
    await until(() => text(here), found => found === 'nothing false')
    name.value = 'l'
    await until(() => text(here), found => found === 'Wash false')
    const before = runs
    dep.value++
    await vue.nextTick()
    expect(text(here)).toBe('Wash true')
    await until(() => text(here), found => found === 'Wash false')
    expect(runs, 'the query is the same').toBe(before)
  })
})
