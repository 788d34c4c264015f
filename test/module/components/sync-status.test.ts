import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { h, nextTick } from 'vue'
import { SyncProgress, SyncStatus } from '#components'
import { useSyncClient } from '#or3-sync/app/sync-client'
import type { SyncStatus as Status } from '#or3-sync'

let first: Status

/** What the page's sync says. Nothing runs here that would say something else. */
async function says(change: Partial<Status>) {
  Object.assign(useSyncClient()!.status, first, { reason: null }, change)
  await nextTick()
}

beforeEach(async () => {
  // It is known by then that nobody is signed in.
  await vi.waitFor(() => expect(useSyncClient()!.status.state).toBe('disabled'))
  first = { ...useSyncClient()!.status }
})
afterEach(() => { Object.assign(useSyncClient()!.status, first) })

describe('<SyncStatus>', () => {
  it('says the state in words, tells it to screen readers, and counts', async () => {
    await says({ state: 'idle' })
    const page = await mountSuspended(SyncStatus)
    expect(page.attributes()).toMatchObject({ 'role': 'status', 'data-state': 'idle' })
    expect(page.text()).toBe('In sync')
    await says({ state: 'offline', pendingCount: 2, failedCount: 1, lastSyncAt: Date.now() - 150_000 })
    expect(page.findAll('span').map(span => span.text())).toEqual(['Offline', '1 not saved', '2 to send', 'Last sync 2 minutes ago'])
    expect(page.findAll('[aria-live=off]').map(span => span.text()), 'not read aloud at each change').toEqual(['2 to send', 'Last sync 2 minutes ago'])
    page.unmount()
  })

  it('says why nothing syncs', async () => {
    await says({ state: 'disabled', reason: 'no-session' })
    const page = await mountSuspended(SyncStatus)
    expect(page.text()).toBe('Not signed in: on this device only')
    page.unmount()
  })

  it('takes other texts, in another language', async () => {
    await says({ state: 'offline', failedCount: 3, lastSyncAt: Date.now() - 150_000 })
    const page = await mountSuspended(SyncStatus, { props: { locale: 'de', labels: { offline: 'Kein Netz', lastSync: time => `Zuletzt ${time}` } } })
    expect(page.findAll('span').map(span => span.text())).toEqual(['Kein Netz', '3 not saved', 'Zuletzt vor 2 Minuten'])
    page.unmount()
  })

  it('gives a slot everything', async () => {
    await says({ state: 'error', pendingCount: 4, error: { code: 'SERVER_ERROR', message: 'down' } })
    const engine = useSyncClient()!.engine.value!
    const flush = vi.spyOn(engine, 'flush').mockResolvedValue()
    const page = await mountSuspended(SyncStatus, {
      slots: { default: status => h('button', { onClick: () => void status.flush() }, [status.state, status.words, status.pendingCount, status.error?.message, status.lastSync, status.isLeader].join('|')) },
    })
    expect(page.text()).toBe('error|Sync has a problem and will try again|4|down||false')
    expect(page.attributes('role')).toBe('status')
    await page.get('button').trigger('click')
    expect(flush).toHaveBeenCalledOnce()
    flush.mockRestore()
    page.unmount()
  })
})

describe('<SyncProgress>', () => {
  it('is there only while a first sync or a rescan runs', async () => {
    await says({ state: 'idle' })
    const page = await mountSuspended(SyncProgress)
    expect(page.html()).toBe('<!--v-if-->')
    await says({ state: 'bootstrapping', progress: 0.426, pulledCount: 1_200 })
    expect(page.text()).toBe('Loading your data42 %, 1,200 rows')
    expect(page.get('label').get('progress').element.value).toBeCloseTo(0.426)
    await says({ state: 'bootstrapping', progress: 1, pulledCount: 1, firstSyncDone: true })
    expect(page.text()).toBe('Checking your data100 %, 1 rows')
    await says({ state: 'idle' })
    expect(page.html()).toBe('<!--v-if-->')
    page.unmount()
  })

  it('shows a bar without a value until it is known how far it is', async () => {
    await says({ state: 'bootstrapping' })
    const page = await mountSuspended(SyncProgress)
    expect(page.get('progress').attributes('value')).toBeUndefined()
    expect(page.text()).toBe('Loading your data0 rows')
    page.unmount()
  })

  it('gives a slot everything, and takes other texts', async () => {
    await says({ state: 'bootstrapping', progress: 0.5, pulledCount: 7 })
    const page = await mountSuspended(SyncProgress, { slots: { default: part => JSON.stringify(part) } })
    expect(JSON.parse(page.text())).toEqual({ progress: 0.5, percent: 50, pulledCount: 7, isFirst: true })
    page.unmount()
    const german = await mountSuspended(SyncProgress, { props: { labels: { first: 'Lädt', rows: count => `${count} Zeilen` }, locale: 'de' } })
    await says({ state: 'bootstrapping', progress: 0.5, pulledCount: 7_000 })
    expect(german.text()).toBe('Lädt50 %, 7.000 Zeilen')
    german.unmount()
  })
})
