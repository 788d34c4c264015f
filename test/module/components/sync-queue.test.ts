import { mountSuspended } from '@nuxt/test-utils/runtime'
import type { VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { SyncQueue } from '#components'
import { getDb, SyncError, useSyncSession } from '#or3-sync'
import { useSyncClient } from '#or3-sync/app/sync-client'

const WORKSPACES = [{ id: 'w1', name: 'One', role: 'owner' as const }]
const put = (id: string, title: unknown) => getDb().table('todos').put({ id, title, list_id: 'l' })
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 })
const queue = () => useSyncClient()!.engine.value!.queue

async function signIn(userId: string) {
  await useSyncSession().set({ userId, workspaces: WORKSPACES })
}

type Page = Pick<VueWrapper, 'findAll'>
const button = (page: Page, name: string) => page.findAll('button').find(each => (each.attributes('aria-label') ?? each.text()) === name)!

describe('<SyncQueue>', () => {
  // The server is not there: valid edits wait, invalid ones are refused on this device.
  afterEach(async () => {
    vi.restoreAllMocks()
    await useSyncSession().signOut()
  })

  it('lists what waits and what was refused, with the reason in words', async () => {
    await signIn('queue-ada')
    const page = await mountSuspended(SyncQueue)
    expect(page.text()).toBe('Everything is sent.')
    await put('1', 'Wash')
    await put('2', 5)
    await soon(() => expect(page.findAll('ul')).toHaveLength(2))
    const [failed, pending] = page.findAll('ul')
    expect(failed!.text()).toContain('Edit: todos 2The server does not accept these values')
    expect(failed!.text(), 'and what the error says').toContain('title')
    expect(pending!.text()).toBe('Edit: todos 1')
    expect(page.findAll('strong').map(heading => heading.text())).toEqual(['Not saved (1)', 'Waiting to be sent (1)'])
    for (const list of [failed!, pending!]) expect(page.find(`[id="${list.attributes('aria-labelledby')}"]`).exists(), 'each list has a name').toBe(true)
    page.unmount()
  })

  it('discards after asking, and leaves the focus in the list', async () => {
    await signIn('queue-bob')
    await put('2', 5)
    const page = await mountSuspended(SyncQueue, { attachTo: document.body })
    await soon(() => expect(button(page, 'Discard: todos 2')).toBeDefined())
    const discard = vi.spyOn(queue(), 'discard')

    await button(page, 'Discard: todos 2').trigger('click')
    expect(page.text()).toContain('Discard this edit for good?')
    expect(document.activeElement?.textContent?.trim(), 'the harmless answer has the focus').toBe('Keep it')
    await button(page, 'Keep it').trigger('keydown', { key: 'Escape' })
    await soon(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Discard: todos 2'))
    expect(discard).not.toHaveBeenCalled()

    await button(page, 'Discard: todos 2').trigger('click')
    await button(page, 'Discard').trigger('click')
    await soon(() => expect(page.text()).toBe('Everything is sent.'))
    expect(discard).toHaveBeenCalledOnce()
    expect(await getDb().table('todos').count(), 'the row is what the server has').toBe(0)
    expect(document.activeElement).toBe(page.element)
    page.unmount()
  })

  it('tries one again, or all', async () => {
    await signIn('queue-cat')
    await put('1', 5)
    await put('2', 5)
    const page = await mountSuspended(SyncQueue)
    await soon(() => expect(page.findAll('li')).toHaveLength(2))
    const retry = vi.spyOn(queue(), 'retry')
    const [{ id } = { id: '' }] = await queue().failed()
    await button(page, 'Try again: todos 1').trigger('click')
    expect(retry).toHaveBeenLastCalledWith(id)
    await button(page, 'Try all again').trigger('click')
    expect(retry).toHaveBeenLastCalledWith(undefined)
    page.unmount()
  })

  it('saves refused edits to a file', async () => {
    await signIn('queue-dan')
    await put('1', 5)
    const page = await mountSuspended(SyncQueue, { props: { fileName: 'mine.json' } })
    await soon(() => expect(button(page, 'Save to a file')).toBeDefined())
    const blobs: Blob[] = []
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => { blobs.push(blob as Blob); return 'blob:it' })
    const names: string[] = []
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) { names.push(`${this.download} ${this.href}`) })
    await button(page, 'Save to a file').trigger('click')
    await soon(() => expect(names).toEqual(['mine.json blob:it']))
    expect(JSON.parse(await blobs[0]!.text())).toMatchObject([{ tableName: 'todos', pk: '1', row: { id: '1', title: 5 } }])
    page.unmount()
  })

  it('shows why an action has failed, and tells the app', async () => {
    await signIn('queue-eve')
    await put('1', 5)
    const errors: unknown[] = []
    const page = await mountSuspended(SyncQueue, { attachTo: document.body, props: { onError: (error: unknown) => errors.push(error) } })
    await soon(() => expect(page.findAll('li')).toHaveLength(1))
    const gone = new SyncError('NOT_FOUND', 'it is gone')
    vi.spyOn(queue(), 'retry').mockRejectedValueOnce(gone).mockResolvedValueOnce()
    await button(page, 'Try again: todos 1').trigger('click')
    await soon(() => expect(page.get('[role=alert]').text()).toBe('That did not work: it is gone'))
    expect(errors).toEqual([gone])
    await button(page, 'Try again: todos 1').trigger('click')
    await soon(() => expect(page.find('[role=alert]').exists()).toBe(false))

    expect(document.activeElement).toBe(page.element)
    vi.spyOn(queue(), 'discard').mockRejectedValueOnce(gone)
    await button(page, 'Discard: todos 1').trigger('click')
    await button(page, 'Discard').trigger('click')
    await soon(() => expect(page.find('[role=alert]').exists()).toBe(true))
    expect(document.activeElement?.getAttribute('aria-label'), 'the focus is not lost').toBe('Discard: todos 1')
    page.unmount()
  })

  it('lists only some of many', async () => {
    await signIn('queue-fay')
    for (const id of ['1', '2', '3']) await put(id, 'Wash')
    const page = await mountSuspended(SyncQueue, { props: { limit: 2, labels: { row: ({ pk }) => `todo no. ${pk}`, put: 'Changed' } } })
    await soon(() => expect(page.findAll('li').map(item => item.text())).toEqual(['Changed: todo no. 1', 'Changed: todo no. 2', 'and 1 more']))
    page.unmount()
  })

  it('gives slots data and actions', async () => {
    await signIn('queue-gil')
    await put('1', 'Wash')
    await put('2', 5)
    const whole = await mountSuspended(SyncQueue, {
      slots: { default: ({ pending, failed, reasonOf, retry, discard, exportFailed, save }) => [pending.length, failed.map(reasonOf).join(), [retry, discard, exportFailed, save].every(action => typeof action === 'function')].join('|') },
    })
    await soon(() => expect(whole.text()).toBe('1|The server does not accept these values|true'))
    whole.unmount()

    const parts = await mountSuspended(SyncQueue, {
      slots: {
        failure: ({ item, reason, discard }) => h('button', { onClick: () => void discard() }, `${item.pk} ${reason}`),
        waiting: ({ item }) => `waits: ${item.pk}`,
        empty: () => 'nothing',
      },
    })
    await soon(() => expect(parts.findAll('li').map(item => item.text())).toEqual(['2 The server does not accept these values', 'waits: 1']))
    await parts.get('li button').trigger('click')
    await soon(() => expect(parts.findAll('li')).toHaveLength(1))
    expect(await queue().failed()).toEqual([])
    parts.unmount()
  })
})
