import { describe, expect, it } from 'vitest'
import { makePosts } from '../support/make-posts'
import { Member } from '../support/member'
import { MemberPage, type Or3Window } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

/** For a browser and a server on a busy machine. */
const PATIENTLY = { timeout: 20_000 }
/** Longer than the first waits of every back-off. */
const A_WHILE_MS = 3_000

describe('who is signed in', () => {
  const at = usePlayground()

  const status = (tab: MemberPage) => tab.page.evaluate(() => {
    const { state, reason, pendingCount, isLeader } = (window as unknown as Or3Window).__or3.status
    return { state, reason, pendingCount, isLeader }
  })
  const database = (tab: MemberPage) => tab.page.evaluate(() => (window as unknown as Or3Window).__or3.getDb().name)
  const put = (tab: MemberPage, prefix: string) => tab.run((db, rows) => db.table('posts').bulkPut(rows), makePosts(prefix, 2))
  const idsIn = async (member: Member, workspaceId: string) => (await member.storedRows(workspaceId, 'posts')).map(({ id }) => id)
  /** What the playground's own sign-in does to the cookie of all tabs; this tab then asks who is there. */
  const signIn = (tab: MemberPage, name: string) => tab.page.evaluate(async (who) => {
    await fetch('/api/auth/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: who }) })
    await (window as unknown as Or3Window).__or3.session.refresh()
  }, name)
  const idle = { state: 'idle', reason: null, pendingCount: 0 }

  it('F13: what Ann writes while Bob is signed in in another tab goes out as hers, or not at all', async () => {
    const ann = await Member.signIn(at.server.origin, 'Ann')
    const workspaceId = await ann.createWorkspace('Shared')
    await ann.addMember(workspaceId, 'Bob')
    const anns = await MemberPage.open(at.browser, ann, workspaceId)
    await put(anns, 'before')
    await expect.poll(() => idsIn(ann, workspaceId), PATIENTLY).toEqual(['before-0000', 'before-0001'])

    const bobs = await anns.openTab()
    await signIn(bobs, 'Bob')
    expect(await bobs.page.evaluate(() => (window as unknown as Or3Window).__or3.session.userId)).toBe('bob')
    await put(anns, 'during')
    await expect.poll(() => status(anns), PATIENTLY).toMatchObject({ reason: 'other-user', pendingCount: 2 })
    const asked = anns.requests.length
    await anns.page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await new Promise(resolve => setTimeout(resolve, A_WHILE_MS))
    expect(anns.requests.slice(asked).filter(url => url.includes('/api/sync/') && !url.endsWith('/session'))).toEqual([])
    expect([await database(anns), await idsIn(ann, workspaceId)]).toEqual([expect.stringContaining('or3-db-ann-'), ['before-0000', 'before-0001']])

    await signIn(bobs, 'Ann')
    await expect.poll(() => status(anns), PATIENTLY).toMatchObject(idle)
    await expect.poll(() => idsIn(ann, workspaceId), PATIENTLY).toEqual(['before-0000', 'before-0001', 'during-0000', 'during-0001'])

    await signIn(bobs, 'Bob')
    await expect.poll(() => status(anns), PATIENTLY).toMatchObject({ reason: 'other-user' })
    await anns.reload()
    expect(await database(anns)).toContain('or3-db-bob-')
  })

  it('F13: a page whose server takes over 3 s to name Bob stays Ann\'s until it is loaded anew', async () => {
    const ann = await Member.signIn(at.server.origin, 'Anna')
    const anns = await MemberPage.open(at.browser, ann)
    await expect.poll(() => status(anns), PATIENTLY).toMatchObject(idle)
    await anns.page.evaluate(async () => {
      await fetch('/api/auth/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'Bert' }) })
    })
    await anns.page.route('**/api/sync/session', async (route) => {
      await new Promise(resolve => setTimeout(resolve, 5_000))
      await route.continue()
    })
    await anns.reload()
    expect(await database(anns)).toContain('or3-db-anna-')
    await put(anns, 'slow')
    await expect.poll(() => status(anns), PATIENTLY).toMatchObject({ reason: 'other-user', pendingCount: 2 })
    expect(await database(anns)).toContain('or3-db-anna-')
    await anns.page.unroute('**/api/sync/session')
    await anns.reload()
    expect([await database(anns), await idsIn(ann, 'anna')]).toEqual(['or3-db-bert-bert', []])
  })

  it('F20: sync heals by itself after a few seconds of 401', async () => {
    const carol = await Member.signIn(at.server.origin, 'Carol')
    const page = await MemberPage.open(at.browser, carol)
    await expect.poll(() => status(page), PATIENTLY).toMatchObject(idle)
    await page.context.route('**/api/sync/**', route => route.fulfill({ status: 401, json: { data: { code: 'UNAUTHORIZED', message: 'sign in first' } } }))
    await put(page, 'kept')
    await expect.poll(() => status(page), PATIENTLY).toMatchObject({ reason: 'expired', pendingCount: 2 })
    await new Promise(resolve => setTimeout(resolve, 2_000))
    await page.context.unroute('**/api/sync/**')
    await expect.poll(() => status(page), PATIENTLY).toMatchObject(idle)
    expect(await idsIn(carol, 'carol')).toEqual(['kept-0000', 'kept-0001'])
  })

  it('F22: clear() of nuxt-auth-utils leaves the database, and fetch() after a sign-in comes back to it', async () => {
    const dora = await Member.signIn(at.server.origin, 'Dora')
    const page = await MemberPage.open(at.browser, dora)
    await put(page, 'dora')
    await expect.poll(() => status(page), PATIENTLY).toMatchObject(idle)
    await page.page.evaluate(() => (window as unknown as Or3Window).__or3.userSession.clear())
    await expect.poll(() => status(page), PATIENTLY).toMatchObject({ state: 'disabled', reason: 'no-session' })
    expect([await database(page), (await page.rows('posts')).length]).toEqual(['or3-db-local', 0])
    await page.page.evaluate(async () => {
      await fetch('/api/auth/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'Dora' }) })
      await (window as unknown as Or3Window).__or3.userSession.fetch()
    })
    await expect.poll(() => status(page), PATIENTLY).toMatchObject(idle)
    expect([await database(page), (await page.rows('posts')).length]).toEqual(['or3-db-dora-dora', 2])
  })

  it('F24: a full localStorage costs nothing that the user wrote', async () => {
    const emma = await Member.signIn(at.server.origin, 'Emma')
    const page = await MemberPage.open(at.browser, emma, undefined, context => context.addInitScript(() => {
      for (let size = 2 ** 22; size >= 1; size = Math.floor(size / 2)) {
        try { for (let count = 0; count < 8; count++) localStorage.setItem(`full-${size}-${count}`, 'x'.repeat(size)) }
        catch { /* As full as it gets with pieces of this size. */ }
      }
    }))
    await put(page, 'emma')
    await expect.poll(() => status(page), PATIENTLY).toMatchObject(idle)
    expect(await idsIn(emma, 'emma')).toEqual(['emma-0000', 'emma-0001'])
    const other = await page.openTab()
    await put(other, 'other')
    await expect.poll(() => idsIn(emma, 'emma'), PATIENTLY).toEqual(['emma-0000', 'emma-0001', 'other-0000', 'other-0001'])
    expect([...page.errors, ...other.errors]).toEqual([])
  })

  it.each(['never answer', 'reject'])('F25: Web Locks that %s are given up: the page leads and syncs', async (how) => {
    const member = await Member.signIn(at.server.origin, `Locks that ${how}`)
    const page = await MemberPage.open(at.browser, member, undefined, context => context.addInitScript((kind) => {
      LockManager.prototype.request = () => kind === 'reject' ? Promise.reject(new DOMException('no locks here', 'SecurityError')) : new Promise(() => {})
    }, how))
    await expect.poll(() => status(page), PATIENTLY).toMatchObject({ ...idle, isLeader: true })
    await put(page, 'sent')
    await expect.poll(async () => (await status(page)).pendingCount, PATIENTLY).toBe(0)
    const workspaceId = await page.page.evaluate(() => (window as unknown as Or3Window).__or3.session.userId)
    expect(await idsIn(member, workspaceId!)).toEqual(['sent-0000', 'sent-0001'])
  })
})
