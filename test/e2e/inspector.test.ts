import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Member } from '../support/member'
import { MemberPage, type Or3Window } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

const PATH = '/__or3-sync'
const at = usePlayground()

/** The inspector as a page of its own, in the window of a member. */
async function openInspector(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto(at.server.origin + PATH)
  return page
}

async function signedIn(name: string, workspaceId?: string): Promise<MemberPage> {
  return await MemberPage.open(at.browser, await Member.signIn(at.server.origin, name), workspaceId)
}

describe('in production the inspector', () => {
  it('is off: its page is not there, and nothing of it is loaded', async () => {
    expect((await fetch(at.server.origin + PATH)).status).toBe(404)
    const ann = await signedIn('Ann')
    expect(await ann.page.evaluate(() => '__or3Sync' in window)).toBe(false)
    const scripts = ann.requests.filter(url => url.endsWith('.js'))
    const texts = await Promise.all(scripts.map(async url => await (await fetch(url)).text()))
    expect(texts.length).toBeGreaterThan(5)
    // Words of its timeline, its checks and its page.
    for (const words of ['first sync began', 'Is sync switched on?', 'Copy diagnostics']) expect(texts.filter(text => text.includes(words))).toEqual([])
  })

  describe('with OR3_SYNC_INSPECTOR=owner', () => {
    beforeAll(async () => { await at.server.restart({ OR3_SYNC_INSPECTOR: 'owner' }) })
    afterAll(async () => { await at.server.restart() })

    it('is a page that no search engine lists, without any row in it', async () => {
      const response = await fetch(`${at.server.origin}${PATH}?from=test`)
      expect([response.status, response.headers.get('x-robots-tag'), response.headers.get('cache-control')]).toEqual([200, 'noindex', 'no-store'])
      expect((await fetch(`${at.server.origin}${PATH}/more`)).headers.get('x-robots-tag')).toBeNull()
    })

    it('shows an owner their own engine, in which rows and network cannot be changed', async () => {
      const ann = await signedIn('Ann')
      await ann.run(db => db.table('threads').put({ id: 'bad', title: 'x'.repeat(201), updated_at: 1 }), null)
      const page = await openInspector(ann.context)
      await page.getByTestId('nav-outbox').click()
      const edit = page.locator('[data-testid=edit][data-pk=bad]')
      await edit.waitFor()
      expect(await edit.textContent()).toMatch(/VALIDATION_ERROR.*title/s)
      await edit.getByTestId('show-row').click()
      await edit.getByTestId('row-json').waitFor()
      expect(await page.getByTestId('edit-row').count() + await page.getByTestId('network').count()).toBe(0)

      // Mended in the app, and seen here.
      await ann.run(db => db.table('threads').put({ id: 'bad', title: 'Short', updated_at: 2 }), null)
      await page.getByTestId('outbox-empty').waitFor()
      // The app's own pages, with their middleware, were not shown in its place.
      expect(new URL(page.url()).pathname).toBe(PATH)
    })

    it('leads by itself when no other page of the app is open', async () => {
      const ann = await signedIn('Ann')
      const page = await openInspector(ann.context)
      await ann.page.close()
      await expect.poll(() => page.locator('[data-fact="This tab"]').textContent(), { timeout: 30_000 }).toContain('leads')
      await expect.poll(() => page.locator('[data-fact=Transport]').textContent()).toContain('event stream')
    })

    it('opened by the app, shows the app\'s engine and runs nothing of the app', async () => {
      const ann = await signedIn('Ann')
      const opened = ann.context.waitForEvent('page')
      await ann.page.evaluate((path) => { window.open(path) }, PATH)
      const page = await opened
      await page.locator('[data-fact="This tab"]').getByText('leads').waitFor()
      expect(await page.evaluate(() => ['__or3' in window, '__or3Sync' in window])).toEqual([false, false])
      await page.getByTestId('nav-tables').click()
      await ann.run(db => db.table('threads').put({ id: 'seen', title: 'Seen at once', updated_at: 1 }), null)
      await page.locator('[data-testid=row][data-pk=seen]').waitFor()
    })

    it('is not for lower roles, and gives them no data', async () => {
      const owner = await Member.signIn(at.server.origin, 'Olga')
      const workspaceId = await owner.createWorkspace('Shared')
      await owner.addMember(workspaceId, 'Eve', 'editor')
      const eve = await signedIn('Eve', workspaceId)
      const page = await openInspector(eve.context)
      expect(await page.getByTestId('inspector-refused').textContent()).toContain('it needs the role owner')
      expect(await page.getByTestId('nav-overview').count()).toBe(0)
      expect(await eve.page.evaluate(async () => await window.__or3Sync!.open())).toEqual({ kind: 'refused', role: 'owner' })

      // In a workspace of their own they are the owner.
      const own = await eve.page.evaluate(() => (window as unknown as Or3Window).__or3.session.userId!)
      await eve.switchWorkspace(own)
      expect(await eve.page.evaluate(async () => (await window.__or3Sync!.open()).kind)).toBe('source')
    })

    it('is for nobody who is not signed in', async () => {
      const context = await at.browser.newContext()
      const page = await openInspector(context)
      await page.getByTestId('inspector-refused').waitFor()
    })
  })
})
