import { beforeAll, describe, expect, it, vi } from 'vitest'
import { crashTab } from '../support/crash-tab'
import { expectConverged } from '../support/expect-converged'
import { makePosts } from '../support/make-posts'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { watchBootstrap, type WatchedBootstrap } from '../support/watch-bootstrap'
import { usePlayground } from '../support/use-playground'

const ROWS = 5_000

describe('a first sync of 5,000 rows', () => {
  const at = usePlayground()
  let workspaceId: string

  beforeAll(async () => {
    const alice = await Member.signIn(at.server.origin, 'Alice')
    workspaceId = await alice.createWorkspace('Large')
    for (const name of ['Bob', 'Carol', 'Dave']) await alice.addMember(workspaceId, name)
    const page = await MemberPage.open(at.browser, alice, workspaceId)
    await page.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('row', ROWS))
    await vi.waitFor(async () => expect(await page.pendingCount()).toBe(0), { timeout: 60_000, interval: 200 })
    await page.close()
  })

  it('goes on where it stood after a reload in the middle, and fetches no page twice', async () => {
    const { page, bootstrap } = await stopInTheMiddle('Bob')
    const before = bootstrap.pages.length
    bootstrap.answer()
    await page.reload()
    await expectWhole(page, bootstrap)
    expect(bootstrap.pages[before]!.cursor, 'the first page after the reload continues the last one before it').toBe(bootstrap.pages[before - 1]!.nextCursor)
  })

  it('goes on in another tab when the one that fetches is killed, and fetches no page twice', async () => {
    const { page, bootstrap } = await stopInTheMiddle('Carol')
    const other = await page.openTab()
    expect(await other.rows('posts')).toHaveLength(received(bootstrap))
    bootstrap.answer()
    await crashTab(page.page)
    await expectWhole(other, bootstrap)
  })

  it('arrives however often and whenever the page is reloaded', async () => {
    const { page, bootstrap } = await stopInTheMiddle('Dave')
    const reloads = 3
    for (let count = 1; count <= reloads; count++) {
      const before = bootstrap.pages.length
      bootstrap.answer(1)
      await page.reload()
      // The next reload comes at once when the answer is there: it may be under way to the tab, half written, or stored.
      await expect.poll(() => bootstrap.pages.length, { interval: 5 }).toBeGreaterThan(before)
    }
    bootstrap.answer()
    await page.reload()
    await expect.poll(async () => (await page.rows('posts')).length, { timeout: 60_000 }).toBe(ROWS)
    await expectConverged([page], workspaceId, ['posts'])
    const again = bootstrap.pages.length - new Set(bootstrap.pages.map(each => each.cursor)).size
    expect(again, 'each reload can lose no more than the page that was on its way').toBeLessThanOrEqual(reloads + 1)
    expect(page.errors).toEqual([])
  })

  /** A member's window whose bootstrap has stored two pages and waits for the third, which does not come. */
  async function stopInTheMiddle(name: string): Promise<{ page: MemberPage, bootstrap: WatchedBootstrap }> {
    const member = await Member.signIn(at.server.origin, name)
    const page = await MemberPage.open(at.browser, member)
    const bootstrap = await watchBootstrap(page.context, workspaceId)
    bootstrap.answer(2)
    await page.switchWorkspace(workspaceId)
    await expect.poll(() => bootstrap.heldCount(), { timeout: 30_000 }).toBe(1)
    await expect.poll(async () => (await page.rows('posts')).length, { timeout: 30_000 }).toBe(received(bootstrap))
    expect(received(bootstrap), 'this is the middle').toBeLessThan(ROWS)
    return { page, bootstrap }
  }

  async function expectWhole(page: MemberPage, bootstrap: WatchedBootstrap): Promise<void> {
    await expect.poll(async () => (await page.rows('posts')).length, { timeout: 60_000 }).toBe(ROWS)
    await expectConverged([page], workspaceId, ['posts'])
    const cursors = bootstrap.pages.map(each => each.cursor)
    expect(cursors).toEqual([...new Set(cursors)])
    expect(received(bootstrap), 'every row travelled once').toBe(ROWS)
    expect(page.errors).toEqual([])
  }
})

function received({ pages }: WatchedBootstrap): number {
  return pages.reduce((sum, page) => sum + page.changes, 0)
}
