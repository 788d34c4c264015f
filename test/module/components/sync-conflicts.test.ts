import { mountSuspended } from '@nuxt/test-utils/runtime'
import type { VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { SyncConflicts } from '#components'
import { getDb, useSyncSession, type ConflictRecord, type ConflictSide } from '#or3-sync'
import { asEngineDatabase, useSyncClient } from '#or3-sync/app/sync-client'

const WORKSPACES = [{ id: 'w1', name: 'One', role: 'owner' as const }]
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 })
const put = (title: string): ConflictSide => ({ op: 'put', row: { id: '1', title, list_id: 'l' }, clock: 2, hlc: 'h', opId: 'o' })
const deleted: ConflictSide = { op: 'delete', clock: 2, hlc: 'h', opId: 'o' }

/** A conflict as the engine keeps it, with the winner in the table. */
async function meet(userId: string, { winner, local, remote }: Pick<ConflictRecord, 'winner' | 'local' | 'remote'>) {
  await useSyncSession().set({ userId, workspaces: WORKSPACES })
  const { row } = winner === 'local' ? local : remote
  if (row) await getDb().table('todos').put(row)
  const db = asEngineDatabase(useSyncClient()!.db.value!)
  await db.sync_conflicts.add({ id: 'c', tableName: 'todos', pk: '1', winner, local, remote, detectedAt: Date.now() })
}

type Page = Pick<VueWrapper, 'findAll'>
const cells = (page: Page) => page.findAll('tr').map(row => row.findAll('th, td').map(cell => cell.text()))
const button = (page: Page, name: string) => page.findAll('button').find(each => each.text() === name)!
const title = async () => (await getDb().table<{ title: string }>('todos').get('1'))?.title

describe('<SyncConflicts>', () => {
  afterEach(async () => { await useSyncSession().signOut() })

  it('shows what differs, and which side the app shows', async () => {
    await meet('conflicts-ada', { winner: 'remote', local: put('Mine'), remote: put('Theirs') })
    const page = await mountSuspended(SyncConflicts)
    await soon(() => expect(cells(page)).toEqual([['Field', 'Mine', 'Theirs (shown now)'], ['title', 'Mine', 'Theirs']]))
    expect(page.findAll('button').map(each => each.attributes('aria-label'))).toEqual(['Keep mine: todos 1', 'Keep theirs: todos 1'])
    await page.setProps({ showEqual: true })
    expect(cells(page).map(([field]) => field)).toEqual(['Field', 'id', 'title', 'list_id'])
    page.unmount()
  })

  it.each([
    ['remote', 'Keep mine', 'Mine'], ['remote', 'Keep theirs', 'Theirs'], ['local', 'Keep mine', 'Mine'], ['local', 'Keep theirs', 'Theirs'],
  ] as const)('where %s has won: "%s" leaves the row with the title %s, and no conflict', async (winner, choice, expected) => {
    await meet(`conflicts-${winner}-${expected}`, { winner, local: put('Mine'), remote: put('Theirs') })
    const page = await mountSuspended(SyncConflicts, { attachTo: document.body })
    await soon(() => expect(button(page, choice)).toBeDefined())
    await button(page, choice).trigger('click')
    await soon(() => expect(page.text()).toBe('No two edits have met.'))
    expect(await title()).toBe(expected)
    expect(document.activeElement, 'the focus is not lost').toBe(page.element)
    page.unmount()
  })

  it('shows a delete as one, and can bring the row back', async () => {
    await meet('conflicts-bob', { winner: 'remote', local: put('Mine'), remote: deleted })
    const page = await mountSuspended(SyncConflicts)
    await soon(() => expect(cells(page)).toEqual([['Field', 'Mine', 'Theirs (Deleted, shown now)'], ['id', '1', 'none'], ['title', 'Mine', 'none'], ['list_id', 'l', 'none']]))
    await button(page, 'Keep mine').trigger('click')
    await soon(async () => expect(await title()).toBe('Mine'))
    page.unmount()
  })

  it('offers no side whose row is not here', async () => {
    await meet('conflicts-cat', { winner: 'local', local: put('Mine'), remote: { ...put(''), row: undefined } })
    const page = await mountSuspended(SyncConflicts)
    await soon(() => expect(page.findAll('button').map(each => each.attributes('disabled'))).toEqual([undefined, '']))
    page.unmount()
  })

  it('shows why an action has failed, and tells the app', async () => {
    await meet('conflicts-dan', { winner: 'remote', local: put('Mine'), remote: put('Theirs') })
    const errors: unknown[] = []
    const page = await mountSuspended(SyncConflicts, { props: { onError: (error: unknown) => errors.push(error) } })
    await soon(() => expect(button(page, 'Keep mine')).toBeDefined())
    vi.spyOn(useSyncClient()!.engine.value!.conflicts, 'restore').mockRejectedValueOnce(new Error('no room'))
    await button(page, 'Keep mine').trigger('click')
    await soon(() => expect(page.get('[role=alert]').text()).toBe('That did not work: no room'))
    expect(errors).toHaveLength(1)
    page.unmount()
  })

  it('gives slots data and actions, and takes other texts', async () => {
    await meet('conflicts-eve', { winner: 'remote', local: put('Mine'), remote: put('Theirs') })
    const value = await mountSuspended(SyncConflicts, {
      props: { labels: { mine: 'Meine', row: ({ pk }) => `Aufgabe ${pk}` } },
      slots: { value: ({ conflict, side, field, ...values }) => `${conflict.pk} ${side} ${field} ${String(values[side])}` },
    })
    await soon(() => expect(cells(value)).toEqual([['Field', 'Meine', 'Theirs (shown now)'], ['title', '1 local title Mine', '1 remote title Theirs']]))
    expect(value.get('strong').text()).toBe('Aufgabe 1')
    value.unmount()

    const one = await mountSuspended(SyncConflicts, { slots: { conflict: ({ fields, keepTheirs }) => h('button', { onClick: () => void keepTheirs() }, fields.map(({ field }) => field).join()), empty: () => 'nothing' } })
    await soon(() => expect(one.get('li').text()).toBe('id,title,list_id'))
    const whole = await mountSuspended(SyncConflicts, { slots: { default: ({ conflicts }) => conflicts.map(({ conflict, canKeepMine, canKeepTheirs }) => `${conflict.id} ${canKeepMine} ${canKeepTheirs}`).join() } })
    await soon(() => expect(whole.text()).toBe('c true true'))
    await one.get('button').trigger('click')
    await soon(() => expect(one.text()).toBe('nothing'))
    await soon(() => expect(whole.text()).toBe(''))
    one.unmount()
    whole.unmount()
  })
})
