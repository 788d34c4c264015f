import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { h, nextTick } from 'vue'
import { SyncBoundary } from '#components'
import { getDb, useSyncSession, type SyncStatus } from '#or3-sync'
import { useSyncClient } from '#or3-sync/app/sync-client'
import { INITIAL_STATUS } from '#or3-sync/core/sync/context/sync-status'

const WORKSPACES = [{ id: 'w1', name: 'One', role: 'owner' as const }, { id: 'w2', name: 'Two', role: 'owner' as const }]
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 })
/** Long enough for a query to have been answered. */
const aWhile = () => new Promise(resolve => setTimeout(resolve, 200))
const slots = { default: () => 'content', fallback: () => 'fallback' }
const put = () => getDb().table('todos').put({ id: '1', title: 'Wash', list_id: 'l' })

/** Signs somebody in. From then on the engine says of itself what the test says. */
async function signIn(userId: string, status: Partial<SyncStatus>) {
  await useSyncSession().set({ userId, workspaces: WORKSPACES })
  await says(status)
}

async function says(change: Partial<SyncStatus>) {
  const client = useSyncClient()!
  const status = { ...INITIAL_STATUS, ...change }
  vi.spyOn(client.engine.value!.status, 'get').mockReturnValue(status)
  Object.assign(client.status, status)
  await nextTick()
}

describe('<SyncBoundary>', () => {
  afterEach(async () => {
    vi.restoreAllMocks()
    await useSyncSession().signOut()
  })

  it('shows the fallback until the first sync is done, and the content from then on', async () => {
    await signIn('boundary-ada', { state: 'bootstrapping', progress: 0.5, pulledCount: 7 })
    const page = await mountSuspended(SyncBoundary, { slots: { ...slots, fallback: ({ state, progress, pulledCount }) => `${state} ${progress} ${pulledCount}` } })
    expect(page.text()).toBe('bootstrapping 0.5 7')
    await put()
    await aWhile()
    expect(page.text(), 'all rows are needed').toBe('bootstrapping 0.5 7')
    await says({ state: 'idle', firstSyncDone: true })
    expect(page.text()).toBe('content')
    await says({ state: 'bootstrapping', firstSyncDone: false })
    expect(page.text(), 'it stays').toBe('content')
    page.unmount()
  })

  it('shows the content as soon as the named tables have rows', async () => {
    await signIn('boundary-bob', { state: 'bootstrapping' })
    const page = await mountSuspended(SyncBoundary, { props: { tables: ['todos' as never] }, slots })
    await aWhile()
    expect(page.text()).toBe('fallback')
    await put()
    await soon(() => expect(page.text()).toBe('content'))
    await getDb().table('todos').clear()
    await aWhile()
    expect(page.text(), 'it stays').toBe('content')
    page.unmount()
  })

  it('waits for each of them, and for one that is not there until the first sync is done', async () => {
    await signIn('boundary-cat', { state: 'bootstrapping' })
    await put()
    const page = await mountSuspended(SyncBoundary, { props: { tables: ['todos', 'nothing'] as never[] }, slots })
    await aWhile()
    expect(page.text()).toBe('fallback')
    await says({ state: 'idle', firstSyncDone: true })
    expect(page.text()).toBe('content')
    page.unmount()
  })

  it.each(['offline', 'error'] as const)('shows local rows while the state is %s', async (state) => {
    await signIn(`boundary-${state}`, { state })
    const page = await mountSuspended(SyncBoundary, { slots })
    await aWhile()
    expect(page.text(), 'there are none').toBe('fallback')
    await put()
    await soon(() => expect(page.text()).toBe('content'))
    page.unmount()
  })

  it('shows the content where nobody is signed in, and where the app says that the rows are here', async () => {
    await soon(() => expect(useSyncClient()!.status.state).toBe('disabled'))
    const local = await mountSuspended(SyncBoundary, { slots })
    expect(local.text()).toBe('content')
    local.unmount()
    await signIn('boundary-dan', { state: 'connecting' })
    const ready = await mountSuspended(SyncBoundary, { props: { ready: true }, slots })
    expect(ready.text()).toBe('content')
    ready.unmount()
  })

  it('begins anew in another workspace', async () => {
    await signIn('boundary-eve', { state: 'idle', firstSyncDone: true })
    const page = await mountSuspended(SyncBoundary, { slots })
    expect(page.text()).toBe('content')
    await useSyncSession().switchWorkspace('w2')
    await soon(() => expect(page.text()).toBe('fallback'))
    page.unmount()
  })

  it('lets the user go on without the rows, and says by itself what is going on', async () => {
    await signIn('boundary-fay', { state: 'offline' })
    const page = await mountSuspended(SyncBoundary, { slots: { ...slots, fallback: ({ show }) => h('button', { onClick: show }, 'go on') } })
    await page.get('button').trigger('click')
    expect(page.text()).toBe('content')
    page.unmount()

    await signIn('boundary-gil', { state: 'offline' })
    const own = await mountSuspended(SyncBoundary, { props: { labels: { loading: 'Lädt' } }, slots: { default: slots.default } })
    expect(own.get('[role=status]').text()).toBe('Nothing is here yet: the server cannot be reached.')
    await says({ state: 'bootstrapping' })
    expect(own.text()).toBe('Lädt')
    own.unmount()
  })
})
