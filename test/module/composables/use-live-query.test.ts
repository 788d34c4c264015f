import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref, type Ref } from 'vue'
import appSchema from '#or3-sync-virtual/schema'
import { getDb, useLiveQuery, type LiveQuery } from '#or3-sync'
import type { AppDatabase } from '#or3-sync/app/app-types'
import { useSyncClient } from '#or3-sync/app/sync-client'
import { createSyncDatabase } from '#or3-sync/core/sync/database/sync-database'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'

/** Of the fixture's schema; types here are those of the playground's. */
interface Todo { id: string, title: string, list_id: string }

const todosOf = (db: AppDatabase) => db.table<Todo, string>('todos')

const MESSAGE = 'the title is missing'

/** However busy the machine is. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 })

describe('F53: useLiveQuery', () => {
  const reported: unknown[] = []

  beforeEach(async () => {
    reported.length = 0
    // As browsers have it: no method of anything but the window.
    vi.stubGlobal('reportError', function (this: unknown, error: unknown) {
      if (this !== undefined && this !== globalThis) throw new TypeError('Illegal invocation')
      reported.push(error)
    })
    await todosOf(getDb()).clear()
  })
  afterEach(() => vi.unstubAllGlobals())

  /** A component that queries, and shows what of it `show` reads. */
  async function mount<T>(query: () => LiveQuery<T>, show: (query: LiveQuery<T>) => unknown = query => query.value) {
    let live!: LiveQuery<T>
    const page = await mountSuspended(defineComponent({
      setup() {
        live = query()
        return () => h('p', JSON.stringify(show(live)))
      },
    }))
    return { page, live: () => live }
  }

  const titles = async () => {
    const todos = await todosOf(getDb()).toArray()
    for (const { title } of todos) if (!title) throw new RangeError(MESSAGE)
    return todos.map(({ title }) => title)
  }
  const put = (id: string, title: string) => todosOf(getDb()).put({ id, title, list_id: 'l' })

  it('runs once at a time however fast commits come, shows some of them on the way, and all of them in the end', async () => {
    let [running, most, runs] = [0, 0, 0]
    const shown = new Set<number>()
    const slowly = async () => {
      runs++
      most = Math.max(most, ++running)
      let count = 0
      for (let reads = 0; reads < 20; reads++) count = await todosOf(getDb()).count()
      running--
      return count
    }
    const { page } = await mount(() => useLiveQuery(slowly, [], { initial: 0 }), ({ value }) => { shown.add(value); return value })
    let written = 0
    while (written < 300 || (shown.size < 4 && written < 10_000)) await put(String(++written), 'Wash')
    await soon(() => expect(page.text()).toBe(String(written)))
    await put('last', 'Dry')
    await soon(() => expect(page.text()).toBe(String(written + 1)))
    expect([most, runs < written / 2, shown.size > 3]).toEqual([1, true, true])
    page.unmount()
  })

  it('lets whoever hears of a result write, however fast commits come', async () => {
    const failures: unknown[] = []
    let written = 0
    const { page } = await mount(() => useLiveQuery(async () => await todosOf(getDb()).where('id').startsWith('in-').count(), [], { initial: 0 }), ({ value }) => {
      if (value > written) {
        written = value
        put(`out-${value}`, 'Heard').catch((error: unknown) => failures.push(error))
      }
      return value
    })
    for (let id = 1; id <= 50; id++) await put(`in-${id}`, 'Wash')
    await soon(() => expect(page.text()).toBe('50'))
    await soon(async () => expect(await todosOf(getDb()).get('out-50')).toBeDefined())
    expect(failures).toEqual([])
    page.unmount()
  })

  it('reports once what goes wrong in a run that a commit overtakes, and in the one after it', async () => {
    let overtakes = false
    const { page, live } = await mount(() => useLiveQuery(async () => {
      const shown = await titles().catch((error: Error) => error)
      if (shown instanceof Error && overtakes) {
        overtakes = false
        setTimeout(() => put('2', 'Wash'))
        while (!await todosOf(getDb()).get('2')) { /* until it has been overtaken */ }
        // Dexie hears of a commit a moment after it.
        for (let reads = 0; reads < 50; reads++) await todosOf(getDb()).count()
      }
      if (shown instanceof Error) throw shown
      return shown
    }, [], { initial: [] }), ({ loading }) => loading.value)
    await soon(() => expect(live().loading.value).toBe(false))
    reported.length = 0
    overtakes = true
    await put('1', '')
    await soon(() => expect(reported).toHaveLength(1))
    await put('1', 'Mended')
    await soon(() => expect(live().value).toEqual(['Mended', 'Wash']))
    expect(reported).toHaveLength(1)
    page.unmount()
  })

  it('is loading until the first result, then follows what is written', async () => {
    const { page } = await mount(() => useLiveQuery(titles, [], { initial: [] }), ({ value, loading, error }) => [value, loading.value, error.value])
    expect(page.text()).toBe('[[],true,null]')
    await soon(() => expect(page.text()).toBe('[[],false,null]'))
    await put('1', 'Wash')
    await soon(() => expect(page.text()).toBe('[["Wash"],false,null]'))
    page.unmount()
  })

  it('gives the error of an asynchronous querier as itself, keeps the last value, and takes the error back after the next good run', async () => {
    const { page, live } = await mount(() => useLiveQuery(titles, [], { initial: [] }), ({ value, error }) => [value, error.value?.message])
    await put('1', 'Wash')
    await soon(() => expect(live().value).toEqual(['Wash']))
    await put('1', '')
    await soon(() => expect(live().error.value).toBeInstanceOf(RangeError))
    expect(live().value).toEqual(['Wash'])
    await nextTick()
    expect(page.text()).toBe(JSON.stringify([['Wash'], MESSAGE]))
    await put('1', 'Cook')
    await soon(() => expect(live().value).toEqual(['Cook']))
    expect(live().error.value).toBeNull()
    expect(reported, 'the component reads it').toEqual([])
    page.unmount()
  })

  it('runs a querier again whose first run threw, when what it had read changes', async () => {
    await put('1', '')
    const { page, live } = await mount(() => useLiveQuery(titles), ({ error }) => error.value?.message)
    await soon(() => expect(live().error.value).not.toBeNull())
    expect(live().loading.value).toBe(false)
    await put('1', 'Wash')
    await soon(() => expect(live().value).toEqual(['Wash']))
    page.unmount()
  })

  it('runs a querier again whose first run threw at once, when a dep changes', async () => {
    const table = ref('nothing') as Ref<'nothing' | 'todos'>
    const { page, live } = await mount(() => useLiveQuery(() => getDb().table(table.value).count(), table), ({ error }) => error.value?.message)
    await soon(() => expect(live().error.value).toMatchObject({ name: 'InvalidTableError' }))
    table.value = 'todos'
    expect(live().loading.value).toBe(true)
    await soon(() => expect(live().value).toBe(0))
    expect(live().error.value).toBeNull()
    page.unmount()
  })

  it('reports an error as itself that nobody reads', async () => {
    await put('1', '')
    const { page, live } = await mount(() => useLiveQuery(titles))
    await soon(() => expect(reported).toEqual([expect.objectContaining({ name: 'RangeError', message: MESSAGE })]))
    expect(live().loading.value).toBe(false)
    page.unmount()
  })

  it('does not report an error that is read only once nothing loads any more', async () => {
    await put('1', '')
    const { page } = await mount(() => useLiveQuery(titles), ({ loading, error }) => loading.value ? 'loading' : error.value?.message)
    await soon(() => expect(page.text()).toBe(JSON.stringify(MESSAGE)))
    await put('2', '')
    await nextTick()
    expect(reported).toEqual([])
    page.unmount()
  })

  it('shows no row of one database while another is read', async () => {
    await put('1', 'Wash')
    const { page, live } = await mount(() => useLiveQuery(titles, [], { initial: [] }), ({ error }) => error.value?.message)
    await soon(() => expect(live().value).toEqual(['Wash']))
    const client = useSyncClient()!
    const [before, other] = [client.db.value!, createSyncDatabase({ name: 'somebody-else', schema: appSchema as unknown as SyncSchema }) as unknown as AppDatabase]
    await todosOf(other).put({ id: '2', title: '', list_id: 'l' })
    client.db.value = other
    expect(live().value).toEqual([])
    await soon(() => expect(live().error.value).not.toBeNull())
    expect(live().value).toEqual([])
    client.db.value = before
    await soon(() => expect(live().value).toEqual(['Wash']))
    page.unmount()
    other.close()
  })
})
