import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, expect, it, vi } from 'vitest'
import { createSSRApp, createVNode, defineComponent, h, isRef, nextTick, type Ref } from 'vue'
import { useNotifications, useRowState, useSyncConflicts, useSyncQueue, useSyncRow, useSyncSession, useSyncSessionRefs, useSyncStatus, useSyncStatusRefs } from '#or3-sync'

const WORKSPACES = [{ id: 'w1', name: 'One', role: 'owner' as const }, { id: 'w2', name: 'Two', role: 'viewer' as const }]

afterEach(async () => { await useSyncSession().signOut() })

it('status and session follow when their fields are taken out as refs', async () => {
  const page = await mountSuspended(defineComponent({
    setup() {
      const { state, reason } = useSyncStatusRefs()
      const { userId, workspaceId, role, set, switchWorkspace } = useSyncSessionRefs()
      return { state, reason, userId, workspaceId, role, set, switchWorkspace }
    },
    render() { return h('p', [this.state, this.reason, this.userId, this.workspaceId, this.role].join()) },
  }))
  await vi.waitFor(() => expect(page.text()).toBe('disabled,no-session,,,'))
  const { set, switchWorkspace } = page.vm
  await set({ userId: 'refs-ada', workspaces: WORKSPACES })
  await vi.waitFor(() => expect(page.text()).toMatch(/^[^,]+,,refs-ada,w1,owner$/))
  await switchWorkspace('w2')
  await vi.waitFor(() => expect(page.text()).toMatch(/^[^,]+,,refs-ada,w2,viewer$/))
  page.unmount()
})

it('a field taken out of useSyncStatus or useSyncSession stays what it was, in a template too', async () => {
  const page = await mountSuspended(defineComponent({
    setup() {
      const { userId } = useSyncSession()
      return { taken: userId, session: useSyncSession() }
    },
    render() { return h('p', `${this.taken} ${this.session.userId}`) },
  }))
  await useSyncSession().set({ userId: 'refs-cleo', workspaces: WORKSPACES })
  await vi.waitFor(() => expect(page.text()).toBe('null refs-cleo'))
  page.unmount()
})

it('every field is a ref that shows what the object shows, and nothing can be written to it', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const [status, refs] = [useSyncStatus(), useSyncStatusRefs()]
  expect(Object.keys(refs).sort()).toEqual(Object.keys(status).sort())
  for (const key of Object.keys(status) as (keyof typeof status)[]) {
    expect(isRef(refs[key]), key).toBe(true)
    expect(refs[key].value, key).toBe(status[key])
  }
  const { state } = refs as { state: Ref<string> }
  state.value = 'mine'
  expect(useSyncStatus().state).not.toBe('mine')
  expect(warn.mock.calls.join()).toContain('readonly')
  warn.mockRestore()
})

it('refs show the first value in a component that hydrates, until that is mounted', async () => {
  await useSyncSession().set({ userId: 'refs-bob', workspaces: WORKSPACES })
  const shown: string[] = []
  const Page = defineComponent({
    setup() {
      const { userId } = useSyncSessionRefs()
      const { state } = useSyncStatusRefs()
      return () => {
        shown.push(`${userId.value} ${state.value === 'connecting'}`)
        return h('p', String(userId.value))
      }
    },
  })
  const container = document.createElement('div')
  container.innerHTML = '<p>null</p>'
  const app = createSSRApp({ render: () => createVNode(Page) })
  app.mount(container)
  await nextTick()
  expect(shown[0]).toBe('null true')
  expect(container.textContent).toBe('refs-bob')
  app.unmount()
})

it('the other composables give refs already', () => {
  const { pending, failed } = useSyncQueue()
  const { conflicts } = useSyncConflicts()
  const { notifications, unreadCount } = useNotifications()
  const state = useRowState('todos', '1')
  const { row, state: rowState, loading, error } = useSyncRow('todos' as never, '1')
  const all = { pending, failed, conflicts, notifications, unreadCount, state, stateError: state.error, row, rowState, loading, error }
  for (const [name, each] of Object.entries(all)) expect(isRef(each), name).toBe(true)
})
