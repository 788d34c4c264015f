import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSSRApp, createVNode, defineComponent, h, nextTick, ref, type Ref } from 'vue'
import { useNuxtApp } from '#app'
import { getDb, useRowState, useSyncSession, type RowStateRef } from '#or3-sync'
import { useSyncClient } from '#or3-sync/app/sync-client'

const WORKSPACES = [{ id: 'w1', name: 'One', role: 'owner' as const }, { id: 'w2', name: 'Two', role: 'owner' as const }]
const todos = () => getDb().table('todos')
const put = (id: string, title: unknown = 'Wash') => todos().put({ id, title, list_id: 'l' })
/** However busy the machine is. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 })

/** A component that shows the state, and the code of the error. */
async function mount(use: () => RowStateRef) {
  return await mountSuspended(defineComponent({
    setup() {
      const state = use()
      const { error } = state
      return () => h('p', `${state.value} ${error.value?.code ?? '-'}`)
    },
  }))
}

describe('useRowState', () => {
  // The server is not there: edits wait.
  afterEach(async () => { await useSyncSession().signOut() })

  it('follows a row, and another one when the key or the table changes', async () => {
    await useSyncSession().set({ userId: 'row-ada', workspaces: WORKSPACES })
    await put('1')
    const [table, pk] = [ref('todos'), ref('1') as Ref<string | null>]
    const page = await mount(() => useRowState(table, () => pk.value))
    await soon(() => expect(page.text()).toMatch(/^(pending|sending) -$/))
    pk.value = '2'
    await nextTick()
    expect(page.text()).toBe('absent -')
    await put('2')
    await soon(() => expect(page.text()).toMatch(/^(pending|sending) -$/))
    pk.value = null
    await nextTick()
    expect(page.text()).toBe('absent -')
    pk.value = '2'
    table.value = 'no such table'
    await nextTick()
    expect(page.text()).toBe('local -')
    page.unmount()
  })

  it('gives the refusal as an error', async () => {
    await useSyncSession().set({ userId: 'row-bob', workspaces: WORKSPACES })
    await put('1', 5)
    const page = await mount(() => useRowState('todos', '1'))
    await soon(() => expect(page.text()).toBe('failed VALIDATION_ERROR'))
    page.unmount()
  })

  it('shows nothing of another workspace, and ends with its component', async () => {
    await useSyncSession().set({ userId: 'row-cat', workspaces: WORKSPACES })
    await put('1')
    let state!: RowStateRef
    const page = await mount(() => state = useRowState('todos', '1'))
    await soon(() => expect(state.value).toMatch(/^(pending|sending)$/))
    await useSyncSession().switchWorkspace('w2')
    expect(state.value).toBe('absent')
    await put('1')
    await soon(() => expect(state.value).toMatch(/^(pending|sending)$/))
    page.unmount()
    await put('1', 5)
    await soon(async () => expect(await useSyncClient()!.engine.value!.queue.failed()).toHaveLength(1))
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(state.value, 'nobody has looked since').toMatch(/^(pending|sending)$/)
  })

  it('is absent in a component that hydrates, until that is mounted', async () => {
    await useSyncSession().set({ userId: 'row-dan', workspaces: WORKSPACES })
    const client = useSyncClient()!
    const shown: string[] = []
    const Page = defineComponent({
      setup() {
        // Known at once, before the component is mounted.
        const engine = client.engine.value!
        vi.spyOn(engine, 'rowState').mockReturnValue({ get: () => ({ name: 'synced', error: null }), subscribe: () => () => {} })
        const state = useRowState('todos', '1')
        return () => {
          shown.push(state.value)
          return h('p', state.value)
        }
      },
    })
    const container = document.createElement('div')
    container.innerHTML = '<p>absent</p>'
    const app = createSSRApp({ render: () => createVNode(Page) })
    app.mount(container)
    await nextTick()
    expect(shown).toEqual(['absent', 'synced'])
    expect(container.textContent).toBe('synced')
    app.unmount()
    vi.restoreAllMocks()
  })

  it('is local where sync is off', () => {
    const client = useSyncClient()!
    Object.defineProperty(client, 'isOn', { value: false, configurable: true })
    try { expect(useRowState('todos', '1').value).toBe('local') }
    finally { Object.defineProperty(client, 'isOn', { value: true, configurable: true }) }
  })
})

describe('$syncEngine', () => {
  afterEach(async () => { await useSyncSession().signOut() })

  it('waits for a change of session that is under way, and rejects a wait when its user signs out', async () => {
    const eve = { userId: 'row-eve', workspaces: WORKSPACES }
    await useSyncSession().set(eve)
    await put('1')
    await useSyncSession().signOut()
    void useSyncSession().set(eve)
    const { $syncEngine } = useNuxtApp()
    const waits = [$syncEngine.whenSynced('todos', '1'), $syncEngine.whenCaughtUp()]
    const outcomes = waits.map(wait => wait.catch((error: { code: string }) => error.code))
    await new Promise(resolve => setTimeout(resolve, 100))
    await useSyncSession().signOut()
    expect(await Promise.all(outcomes)).toEqual(['STOPPED', 'STOPPED'])
  })

  it('refuses to wait inside a transaction', async () => {
    await useSyncSession().set({ userId: 'row-fay', workspaces: WORKSPACES })
    const { $syncEngine } = useNuxtApp()
    const message = await getDb().transaction('rw', todos(), async () => await $syncEngine.whenSynced('todos', '1').catch((error: Error) => error.message))
    expect(message).toContain('inside a Dexie transaction')
  })
})
