import type { BrowserContext } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { makePosts } from '../support/make-posts'
import { Member } from '../support/member'
import { MemberPage, type Or3Window } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

/** Stands in the code of the leading tab's work and nowhere else. */
const LEADING_MARK = 'sync.gc:action:completed'

/** What `useSyncStatus()` says in a tab. */
async function statusOf({ page }: MemberPage): Promise<{ state: string, isLeader: boolean }> {
  return await page.evaluate(() => {
    const { state, isLeader } = (window as unknown as Or3Window).__or3.status
    return { state, isLeader }
  })
}

describe('a page that does not get the code by which a tab syncs', () => {
  const at = usePlayground()

  it('captures edits and says so; a tab beside it that has the code sends them, and so does the page itself after a reload', async () => {
    const cut = async (context: BrowserContext) => await context.route('**/_nuxt/*.js', async (route) => {
      const response = await route.fetch()
      const code = await response.text()
      if (code.includes(LEADING_MARK)) await route.abort()
      else await route.fulfill({ response, body: code })
    })
    const alice = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, 'Alice'), undefined, cut)
    await alice.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('before', 3))
    await expect.poll(async () => (await statusOf(alice)).state, { timeout: 30_000 }).toBe('error')
    expect(await alice.pendingCount()).toBeGreaterThan(0)

    await alice.context.unrouteAll({ behavior: 'ignoreErrors' })
    const beside = await alice.openTab()
    await expect.poll(() => alice.pendingCount(), { timeout: 30_000 }).toBe(0)
    await expect.poll(async () => (await statusOf(alice)).state, { timeout: 30_000 }).toBe('idle')

    await beside.page.close()
    await alice.reload()
    await alice.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('after', 3))
    await expect.poll(() => alice.pendingCount(), { timeout: 30_000 }).toBe(0)
    expect((await statusOf(alice)).isLeader).toBe(true)
    expect(alice.errors).toEqual([])
  })
})
