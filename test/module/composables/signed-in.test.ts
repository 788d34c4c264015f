import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { useNuxtApp } from '#imports'
import { version } from '../../../package.json'
import { getDb, useNotifications, useSyncQueue, useSyncSession, useSyncStatus } from '#or3-sync'
import { asEngineDatabase, useSyncClient } from '#or3-sync/app/sync-client'

const WORKSPACES = [{ id: 'w1', name: 'One', role: 'owner' as const }]

/** A component that shows what `read` makes of the composables. */
const shows = (read: () => () => unknown) => mountSuspended(defineComponent({
  setup() {
    const value = read()
    return () => h('p', JSON.stringify(value()))
  },
}))

async function expectText(page: Awaited<ReturnType<typeof shows>>, value: unknown): Promise<void> {
  await vi.waitFor(() => expect(page.text()).toBe(JSON.stringify(value)), { timeout: 10_000 })
}

describe('composables in a mounted component', () => {
  // The server is not there: edits wait.
  afterEach(async () => { await useSyncSession().signOut() })

  it('follow a sign-in: session, status and database', async () => {
    const page = await shows(() => {
      const [session, status] = [useSyncSession(), useSyncStatus()]
      return () => [session.status, session.workspaceId, status.reason, status.quarantinedCount]
    })
    await expectText(page, ['unauthenticated', null, 'no-session', 0])
    await useSyncSession().set({ userId: 'ada', workspaces: WORKSPACES })
    await expectText(page, ['authenticated', 'w1', null, 0])
    expect(getDb().name).toBe('or3-db-ada-w1')
    page.unmount()
  })

  it('show what waits to be sent', async () => {
    await useSyncSession().set({ userId: 'bob', workspaces: WORKSPACES })
    const page = await shows(() => {
      const { pending } = useSyncQueue()
      const status = useSyncStatus()
      return () => [pending.value.map(({ pk }) => pk), status.pendingCount]
    })
    await getDb().table('todos').put({ id: '1', title: 'Wash', list_id: 'l' })
    await expectText(page, [['1'], 1])
    page.unmount()
  })

  it('have a report for whoever looks for an error: what is installed, and who without a name', async () => {
    await useSyncSession().set({ userId: 'ada lovelace', workspaces: WORKSPACES })
    const report = await useNuxtApp().$syncEngine.diagnostics()
    expect(report).toMatchObject({ role: 'owner', session: 'authenticated', held: 0, versions: { module: version, schema: 1, protocol: 1 } })
    expect(JSON.stringify(report)).not.toMatch(/ada.{0,3}lovelace/)
  })

  it('show notices, and mark them as read', async () => {
    await useSyncSession().set({ userId: 'cat', workspaces: WORKSPACES })
    const notices = asEngineDatabase(useSyncClient()!.db.value!).sync_notifications
    await notices.add({ id: '1', type: 'system.warning', title: 'T', body: 'B', read: 0, createdAt: 1 })
    const page = await shows(() => {
      const { notifications, unreadCount } = useNotifications()
      return () => [notifications.value.map(({ title, read }) => [title, read]), unreadCount.value]
    })
    await expectText(page, [[['T', false]], 1])
    await useNotifications().markRead()
    await expectText(page, [[['T', true]], 0])
    page.unmount()
  })
})
