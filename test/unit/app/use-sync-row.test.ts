// First of all: Dexie's live queries do nothing if there is no IndexedDB when Dexie is imported.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Ref } from 'vue'
import { EngineHarness, until } from '../../support/engine-harness'
import { browserSide, openRendered, renderPage, StoreReader, vue, type Side } from '../../support/page-of-queries'
import { SessionBrowser, signedIn } from '../../support/session-browser'

const { defineComponent, h, ref } = vue

let world: EngineHarness
let browser: SessionBrowser
let page: Awaited<ReturnType<typeof openRendered>> | undefined
/** Typed by the playground's schema; these pages have the todo schema. */
let row: { save: (changes: object) => Promise<void>, remove: () => Promise<void> }

beforeEach(async () => {
  world = await EngineHarness.open()
  browser = new SessionBrowser()
  browser.cookie = signedIn('ann')
})
afterEach(async () => {
  await page?.close()
  browser.close()
  vi.unstubAllGlobals()
  await world.close()
})

/** A page that shows one todo and how far it is. */
const rowPage = (pk: Ref<string | null>) => ({ useSyncRow }: Side) => defineComponent({
  setup() {
    const todo = useSyncRow('todos' as never, pk)
    if (useSyncRow === browserSide.useSyncRow) row = todo as unknown as typeof row
    return () => h('p', `${(todo.row.value as { title: string } | undefined)?.title ?? 'nothing'} ${todo.state.value} ${todo.loading.value}`)
  },
})

async function open(pk: Ref<string | null>, reader: StoreReader | null = null) {
  page = await openRendered(await renderPage(rowPage(pk), reader), rowPage(pk), { world, browser })
  return page
}
const text = () => page!.root.textContent
const shows = (wanted: string) => until(text, found => found === wanted)
const stored = async () => (await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 100 })).changes.map(({ pk, op, payload }) => [pk, op, payload?.title, payload?.done])

describe('useSyncRow', () => {
  it('is in the page that the server renders', async () => {
    const other = world.device('bob')
    await other.start()
    await other.db.todos.put({ id: '1', title: 'Wash' })
    await other.whenIdle()
    const pk = ref('1')
    const { warnings } = await open(pk, new StoreReader(world))
    expect([text(), warnings]).toEqual(['Wash absent false', []])
    page!.begin()
    await shows('Wash synced false')
  })

  it('makes a row, changes it field by field, and deletes it', async () => {
    const { begin } = await open(ref('1'))
    await shows('nothing absent false')
    await row.save({ title: 'Wash', done: true })
    await shows('Wash pending false')
    await row.save({ title: 'Cook' })
    begin()
    await shows('Cook synced false')
    expect(await stored()).toEqual([['1', 'put', 'Cook', true]])
    await row.remove()
    await shows('nothing synced false')
    await until(stored, ([change]) => change?.[1] === 'delete')
  })

  it('follows another key, and has no row without one', async () => {
    const pk = ref<string | null>(null)
    await open(pk)
    await shows('nothing absent false')
    for (const change of [row.save({ title: 'Wash' }), row.remove()]) await expect(change).rejects.toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringContaining('has no key yet') as string })
    pk.value = '1'
    await row.save({ title: 'Wash' })
    await shows('Wash pending false')
    pk.value = '2'
    await shows('nothing absent false')
  })

  it('shows no row under the key of another one', async () => {
    const pk = ref('1')
    await open(pk)
    await row.save({ title: 'Wash' })
    await shows('Wash pending false')
    pk.value = '2'
    await vue.nextTick()
    expect(text()).toMatch(/^nothing /)
    await row.save({ title: 'Cook' })
    await shows('Cook pending false')
  })

  it('does not give a row another key', async () => {
    await open(ref('1'))
    await row.save({ id: '1', title: 'Wash' })
    await expect(row.save({ id: '2' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringContaining('id of table "todos" is "1"') as string })
    await shows('Wash pending false')
  })

  it('reports a write that is refused, as any write', async () => {
    await open(ref('1'))
    await expect(row.save({ title: 'Wash', done: () => true })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    await shows('nothing absent false')
  })
})
