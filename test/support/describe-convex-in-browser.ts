import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import { type ConvexPlayground, startConvexPlayground } from './convex-playground'
import { expectConverged } from './expect-converged'
import { launchChromium } from './launch-chromium'
import { makePosts } from './make-posts'
import type { MemberPage } from './member-page'

/** On a machine that is busy a change takes its time. */
const PATIENTLY = { timeout: 30_000 }

export interface ConvexWay {
  /** Variables of the server, beside the Convex URL and the key for tokens. */
  env: Record<string, string>
  /** Whether the browser itself speaks to Convex. */
  isDirect: boolean
}

/** Two windows of the built playground that sync through Convex, one way or the other. */
export function describeConvexInBrowser(name: string, { env, isDirect }: ConvexWay): void {
  describe(name, () => {
    let browser: Browser
    let playground: ConvexPlayground
    let alice: MemberPage
    let bob: MemberPage
    let workspaceId: string

    beforeAll(async () => {
      playground = await startConvexPlayground({ OR3_SYNC_BACKEND: 'convex', ...env })
      browser = await launchChromium()
      const opened = await playground.open(browser, 'Alice', 'Bob')
      workspaceId = opened.workspaceId;
      [alice, bob] = opened.pages as [MemberPage, MemberPage]
    })
    afterAll(async () => {
      await browser?.close()
      await playground?.stop()
    })

    const titles = async (page: MemberPage) => (await page.rows('posts')).map(({ title }) => title)
    const put = (page: MemberPage, prefix: string, count = 1) => page.run((db, rows) => db.table('posts').bulkPut(rows), makePosts(prefix, count))
    const converged = () => expectConverged([alice, bob], workspaceId, ['posts'])

    it('bring each other puts, updates and deletes', async () => {
      await put(alice, 'a', 3)
      await expect.poll(() => titles(bob), PATIENTLY).toEqual(['a 0', 'a 1', 'a 2'])
      await bob.run(db => db.table('posts').update('a-0001', { title: 'by Bob' }), null)
      await bob.run(db => db.table('posts').delete('a-0002'), null)
      await expect.poll(() => titles(alice), PATIENTLY).toEqual(['a 0', 'by Bob'])
      await converged()
    })

    it(isDirect ? 'speak to Convex and not to the gateway' : 'speak to the gateway and not to Convex', async () => {
      const asked = (path: string) => alice.requests.some(url => new URL(url).pathname === `/api/sync/${path}`)
      expect({ push: asked('push'), subscribe: asked('subscribe'), token: asked('token') }).toEqual({ push: !isDirect, subscribe: !isDirect, token: isDirect })
      expect((await playground.loopback.counts()).functions['sync:push']!.calls).toBeGreaterThan(0)
    })

    it('edit while one of them is offline, and agree when both are back', async () => {
      await alice.context.setOffline(true)
      // An open socket outlives the emulated outage; with it gone, no other can be had.
      await playground.loopback.dropSockets()
      await alice.run(db => db.table('posts').update('a-0000', { title: 'by Alice, offline' }), null)
      await put(alice, 'offline', 150)
      await put(bob, 'meanwhile', 2)
      await expect.poll(() => titles(bob), PATIENTLY).toContain('meanwhile 1')
      expect(await titles(bob)).not.toContain('offline 0')
      expect(await alice.pendingCount()).toBeGreaterThan(0)
      await alice.context.setOffline(false)
      await expect.poll(async () => (await bob.rows('posts')).length, PATIENTLY).toBe(154)
      await expect.poll(() => alice.pendingCount(), PATIENTLY).toBe(0)
      await converged()
      expect(await titles(bob)).toContain('by Alice, offline')
    })

    it('go on when their tokens expire in between', async () => {
      await playground.loopback.expireTokens()
      await put(alice, 'renewed', 1)
      await put(bob, 'too', 1)
      await expect.poll(() => titles(bob), PATIENTLY).toContain('renewed 0')
      await expect.poll(() => titles(alice), PATIENTLY).toContain('too 0')
      await converged()
    })

    it('have a push applied once whose connection broke before the reply', async () => {
      const { latestVersion: before } = await alice.member.post<{ latestVersion: number }>('/api/sync/pull', { scope: { workspaceId }, cursor: 0, limit: 1 })
      await playground.loopback.loseReply(1)
      await put(alice, 'once', 3)
      await expect.poll(() => titles(bob), PATIENTLY).toContain('once 2')
      await expect.poll(() => alice.pendingCount(), PATIENTLY).toBe(0)
      await converged()
      const { latestVersion: after } = await alice.member.post<{ latestVersion: number }>('/api/sync/pull', { scope: { workspaceId }, cursor: 0, limit: 1 })
      expect(after - before).toBe(3)
      expect([await alice.conflicts(), await bob.conflicts()]).toEqual([[], []])
    })

    it('saw no uncaught error in either page', () => {
      expect([...alice.errors, ...bob.errors]).toEqual([])
    })
  })
}
