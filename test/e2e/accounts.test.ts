import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { Member } from '../support/member'
import type { Or3Window } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

/** Ann and Bob take turns at one browser profile, by the playground's own buttons. */
describe('one browser profile', () => {
  const at = usePlayground()
  let context: BrowserContext
  let page: Page

  beforeEach(async () => {
    context = await at.browser.newContext()
    page = await context.newPage()
  })
  afterEach(() => context.close())

  const stored = async (name: string) => {
    const member = await Member.signIn(at.server.origin, name)
    return (await member.storedRows(name.toLowerCase(), 'posts')).map(row => row.id)
  }
  const databases = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort())
  const put = (...ids: string[]) => page.evaluate(async (keys) => {
    const rows = keys.map(id => ({ id, title: id, content: '', color: 'sky', pinned: false, updated_at: 1 }))
    await (window as unknown as Or3Window).__or3.getDb().table('posts').bulkPut(rows)
  }, ids)
  const rows = () => page.evaluate(() => (window as unknown as Or3Window).__or3.getDb().table('posts').orderBy(':id').keys())
  const pending = () => page.evaluate(() => (window as unknown as Or3Window).__or3.getDb().table('pending_ops').count())
  const status = () => page.evaluate(() => (window as unknown as Or3Window).__or3.session.status)

  async function signIn(name: string) {
    if (!page.url().endsWith('/sign-in')) await page.goto(`${at.server.origin}/sign-in`)
    await page.waitForFunction(() => '__or3' in window)
    await page.getByTestId('sign-in-name').fill(name)
    await page.getByTestId('sign-in-submit').click()
    await page.waitForFunction(id => (window as unknown as Or3Window).__or3.getDb().name === `or3-db-${id}-${id}`, name.toLowerCase())
    await page.getByTestId('user-menu').waitFor()
  }
  async function choose(item: string) {
    await page.getByTestId('user-menu').click()
    await page.getByRole('menuitem', { name: item, exact: true }).click()
  }

  it('keeps two accounts apart: nobody sees the other\'s rows, and unsent work waits for whoever wrote it', async () => {
    await signIn('Ann')
    await put('ann-1')
    await expect.poll(() => stored('Ann')).toContain('ann-1')
    // Her last edit does not get out any more.
    await page.route('**/api/sync/push', route => route.abort())
    await put('ann-2')
    await choose('Sign out')
    await page.waitForURL('**/sign-in')

    await signIn('Bob')
    expect(await rows()).toEqual([])
    await page.unroute('**/api/sync/push')
    await put('bob-1')
    await expect.poll(() => stored('Bob')).toEqual(['bob-1'])
    expect(await stored('Ann'), 'Bob\'s engine sends nothing of hers').not.toContain('ann-2')
    await choose('Sign out')
    await page.waitForURL('**/sign-in')

    await signIn('Ann')
    expect(await rows()).toEqual(['ann-1', 'ann-2'])
    await expect.poll(() => stored('Ann')).toContain('ann-2')
    await expect.poll(pending).toBe(0)
  })

  it('goes on capturing when the session expires in mid-sync, and sends everything once she has signed in again', async () => {
    await signIn('Carol')
    await put('before')
    await expect.poll(() => stored('Carol')).toEqual(['before'])
    // What an expired cookie is to a browser. The live stream is still open.
    await context.clearCookies()
    await put('during-1', 'during-2')
    await expect.poll(status).toBe('expired')
    await put('after')
    expect([await rows(), await pending()]).toEqual([['after', 'before', 'during-1', 'during-2'], 2])
    expect(await stored('Carol')).toEqual(['before'])

    await page.reload()
    await page.waitForURL('**/sign-in')
    await signIn('Carol')
    await expect.poll(() => stored('Carol')).toEqual(['after', 'before', 'during-1', 'during-2'])
    await expect.poll(pending).toBe(0)
    expect(await status()).toBe('authenticated')
  })

  it('asks before a sign-out that would lose work; it can be kept, or wiped with the whole database', async () => {
    await signIn('Dora')
    await page.route('**/api/sync/push', route => route.abort())
    await put('unsent-1', 'unsent-2')
    await choose('Sign out and wipe this device')
    await page.getByText('2 edits have not reached the server').waitFor()
    await page.getByRole('button', { name: 'Keep my work' }).click()
    expect([await status(), await rows()]).toEqual(['authenticated', ['unsent-1', 'unsent-2']])

    await choose('Sign out and wipe this device')
    await page.getByRole('button', { name: 'Wipe anyway' }).click()
    await page.waitForURL('**/sign-in')
    await expect.poll(databases).not.toContain('or3-db-dora-dora')
    expect(await stored('Dora')).toEqual([])
  })

  it('wipes without asking when everything has been sent', async () => {
    await signIn('Emma')
    await put('sent')
    await expect.poll(pending).toBe(0)
    expect(await databases()).toContain('or3-db-emma-emma')
    await choose('Sign out and wipe this device')
    await page.waitForURL('**/sign-in')
    await expect.poll(databases).not.toContain('or3-db-emma-emma')
    expect(await stored('Emma')).toEqual(['sent'])
  })
})
