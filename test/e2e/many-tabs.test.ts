import { describe, expect, it } from 'vitest'
import type { BrowserContext } from 'playwright-core'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { makePosts } from '../support/make-posts'
import { usePlayground } from '../support/use-playground'

/** HTTP/1.1 gives a browser six connections to a server. */
const TABS = 12
const SOON = { timeout: 30_000 }

/** Pages without Web Locks, as those of plain HTTP on a LAN are. */
const withoutLocks = (context: BrowserContext) => context.addInitScript(() => {
  Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })
})

const streams = (tabs: MemberPage[]) => tabs.flatMap(tab => tab.requests).filter(url => url.includes('/api/sync/subscribe'))

describe('twelve tabs of one browser', () => {
  const at = usePlayground()

  it('F31: in as many workspaces load and sync, by two event streams', async () => {
    const ann = await Member.signIn(at.server.origin, 'ManyAnn')
    const workspaces = await Promise.all(Array.from({ length: TABS }, (_, index) => ann.createWorkspace(`Many ${index}`)))
    const first = await MemberPage.open(at.browser, ann, workspaces[0])
    const tabs = [first]
    for (const workspaceId of workspaces.slice(1)) {
      const tab = await first.openTab()
      await tab.switchWorkspace(workspaceId)
      tabs.push(tab)
    }
    for (const [index, tab] of tabs.entries()) {
      await tab.run(async (db, rows) => { await db.table('posts').bulkPut(rows) }, makePosts(`many${index}`, 2))
    }
    for (const workspaceId of workspaces) await expect.poll(async () => (await ann.storedRows(workspaceId, 'posts')).length, SOON).toBe(2)
    // Another browser of hers writes in each of them: it arrives in the tab that has no stream as well.
    const phone = await MemberPage.open(at.browser, ann, workspaces[TABS - 1])
    await phone.run(async (db, rows) => { await db.table('posts').bulkPut(rows) }, makePosts('phone', 1))
    await expect.poll(async () => (await tabs[TABS - 1]!.rows('posts')).length, SOON).toBe(3)
    expect(streams(tabs).length, 'streams of one browser').toBeLessThanOrEqual(2 + TABS)
    expect(tabs.flatMap(tab => tab.errors)).toEqual([])
  })

  it('F31: without Web Locks load and sync, by two event streams; the place of one that is closed is taken', async () => {
    const ann = await Member.signIn(at.server.origin, 'LanAnn')
    const workspaceId = await ann.createWorkspace('Lan')
    const first = await MemberPage.open(at.browser, ann, workspaceId, withoutLocks)
    const tabs = [first]
    while (tabs.length < TABS) tabs.push(await first.openTab())
    await Promise.all(tabs.map((tab, index) => tab.run(async (db, rows) => { await db.table('posts').bulkPut(rows) }, makePosts(`lan${index}`, 2))))
    await expect.poll(async () => (await ann.storedRows(workspaceId, 'posts')).length, SOON).toBe(2 * TABS)
    const before = streams(tabs).length
    expect(before).toBeGreaterThan(0)
    const holder = tabs.find(tab => streams([tab]).length > 0)!
    await holder.page.close()
    const others = tabs.filter(tab => tab !== holder)
    await expect.poll(() => streams(others).length, SOON).toBeGreaterThanOrEqual(before)
    expect(tabs.flatMap(tab => tab.errors)).toEqual([])
  })
})
