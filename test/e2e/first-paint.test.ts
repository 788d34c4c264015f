import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { collectHydrationWarnings } from '../support/hydration-warnings'
import { Member } from '../support/member'
import { MemberPage, type Or3Window } from '../support/member-page'
import { usePlayground } from '../support/use-playground'
import { watchCount } from '../support/watch-count'

const MESSAGES = 120
const SHOWN = 50

describe('the first paint of the playground', () => {
  const at = usePlayground({ keepsWindows: true })
  let ann: MemberPage

  beforeAll(async () => {
    ann = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, 'Ann'))
    await ann.run(async (db, count) => {
      const at = Date.now() - 3_600_000
      await db.table('threads').bulkPut([{ id: 't', title: 'The long one', updated_at: at + 1 }, { id: 'other', title: 'The other one', updated_at: at }])
      await db.table('messages').bulkPut(Array.from({ length: count }, (_, index) => ({ id: `m${index}`, thread_id: 't', author: index % 2 ? 'Ann' : 'Bob', text: `Message ${index}.`, created_at: at + index * 1_000 })))
      await db.table('messages').put({ id: 'elsewhere', thread_id: 'other', author: 'Bob', text: 'In the other thread.', created_at: at })
      await db.table('posts').bulkPut(Array.from({ length: 12 }, (_, index) => ({ id: `p${index}`, title: `Note ${index}`, content: `Content ${index}`, updated_at: at - index })))
    }, MESSAGES)
    await ann.page.evaluate(async () => { await (window as unknown as Or3Window).__or3.engine.whenIdle() })
  })

  /** A window of a device that has never been here, with Ann signed in. */
  async function newDevice({ javaScriptEnabled = true } = {}): Promise<BrowserContext> {
    const context = await at.browser.newContext({ javaScriptEnabled })
    const [name, value] = ann.member.cookie.split(/=(.*)/s) as [string, string]
    await context.addCookies([{ name, value, url: at.server.origin }])
    return context
  }

  /** The HTML that the server sends, without the payload for the app. */
  async function htmlOf(path: string, member: Member): Promise<string> {
    const response = await fetch(at.server.origin + path, { headers: { cookie: member.cookie } })
    expect(response.headers.get('cache-control')).toContain('private')
    return (await response.text()).replaceAll(/<script[\s\S]*?<\/script>/g, '')
  }

  it('has the last 50 messages of the thread in the HTML, in their order, and the list of threads', async () => {
    const html = await htmlOf('/?thread=t', ann.member)
    const texts = [...html.matchAll(/Message (\d+)\./g)].map(([, number]) => Number(number))
    expect(texts).toEqual(Array.from({ length: SHOWN }, (_, index) => MESSAGES - SHOWN + index))
    for (const text of ['The long one', 'The other one']) expect(html).toContain(text)
    expect(html).not.toContain('In the other thread.')
    expect(html).not.toContain('data-testid="arriving"')
  })

  it('has nothing of it for somebody who is no member, whatever workspace their cookie names', async () => {
    const mallory = await Member.signIn(at.server.origin, 'Mallory')
    for (const path of ['/?thread=t', '/notes']) {
      const page = await (await fetch(at.server.origin + path, { headers: { cookie: `${mallory.cookie}; or3-sync-workspace=ann` } })).text()
      expect(page).not.toMatch(/Message \d+\.|The long one|Content \d+/)
    }
  })

  it('can be read with JavaScript switched off: threads by their links, the newest message in sight, and notes', async () => {
    const page = await (await newDevice({ javaScriptEnabled: false })).newPage()
    await page.goto(at.server.origin)
    await page.getByTestId('thread-item').filter({ hasText: 'The long one' }).click()
    await page.waitForURL('**/?thread=t')
    const last = page.getByTestId('message-text').last()
    expect(await last.textContent()).toContain(`Message ${MESSAGES - 1}.`)
    expect(await last.evaluate(element => element.getBoundingClientRect().bottom <= innerHeight)).toBe(true)
    await page.getByTestId('nav-notes').click()
    await page.waitForURL('**/notes')
    expect(await page.getByTestId('note-content').count()).toBe(12)
    expect(await page.getByTestId('note-content').first().inputValue()).toMatch(/^Content \d+$/)
    await page.context().close()
  })

  it.each(['/', '/?thread=t', '/notes', '/sync'])('hydrates %s without a warning', async (path) => {
    const context = await newDevice()
    for (const device of ['new', 'known']) {
      const page = await context.newPage()
      const warnings = collectHydrationWarnings(page)
      await page.goto(at.server.origin + path)
      await untilCaughtUp(page)
      expect(warnings, device).toEqual([])
      await page.close()
    }
    await context.close()
  })

  it.each([['a text', 'The other one', 'Another one'], ['an attribute', 'href="/?thread=other"', 'href="/?thread=another"']])('would notice %s that differs', async (_, from, to) => {
    const context = await newDevice()
    const page = await context.newPage()
    const warnings = collectHydrationWarnings(page)
    await page.route('**/*thread=t', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace(from, to) })
    })
    await page.goto(`${at.server.origin}/?thread=t`)
    await expect.poll(() => warnings.length, { timeout: 30_000 }).toBeGreaterThan(0)
    await context.close()
  })

  it('hydrates the sign-in page without a warning', async () => {
    const page = await at.browser.newPage()
    const warnings = collectHydrationWarnings(page)
    await page.goto(`${at.server.origin}/sign-in`)
    await page.waitForFunction(() => '__or3' in window)
    expect(warnings).toEqual([])
    await page.context().close()
  })

  it.each([['/?thread=t', 'message', SHOWN], ['/?thread=t', 'thread-item', 2], ['/notes', 'note', 12]])('of %s keeps every %s that it has shown while a new device gets its rows', async (path, testId, count) => {
    const context = await newDevice()
    await context.route('**/api/sync/{pull,subscribe*}', async (route) => {
      await new Promise(resolve => setTimeout(resolve, 800))
      await route.continue()
    })
    const page = await context.newPage()
    const counts = await watchCount(page, testId)
    const arriving = await watchCount(page, 'arriving')
    await page.goto(at.server.origin + path)
    await untilCaughtUp(page)
    expect(await counts()).toEqual([count])
    expect(await arriving(), 'placeholders beside rows that are there').toEqual([0])
    await context.close()
  })

  it('begins at the end of the thread, stays where the reader has scrolled to, and brings earlier messages', async () => {
    const context = await newDevice()
    let run = () => {}
    const held = new Promise<void>((resolve) => { run = resolve })
    await context.route('**/_nuxt/**', async (route) => {
      if (route.request().resourceType() === 'script') await held
      await route.continue()
    })
    const page = await context.newPage()
    await page.goto(`${at.server.origin}/?thread=t`, { waitUntil: 'commit' })
    const marked = page.locator('[data-testid=message][data-id=m100]')
    const top = () => marked.evaluate(element => Math.round(element.getBoundingClientRect().top))
    await page.locator('[data-testid=message][data-id=m119]').waitFor()
    await page.getByTestId('message-input').fill('Typed at once')
    await marked.evaluate(element => element.scrollIntoView({ block: 'center' }))
    const before = await top()
    run()
    await untilCaughtUp(page)
    expect(Math.abs(await top() - before)).toBeLessThan(3)
    expect(await page.getByTestId('message-input').inputValue()).toBe('Typed at once')
    await page.getByTestId('earlier-messages').and(page.locator(':enabled')).waitFor()
    await marked.evaluate(element => element.scrollIntoView({ block: 'center' }))
    const beforeEarlier = await top()
    await page.getByTestId('earlier-messages').evaluate((button: HTMLElement) => button.click())
    await expect.poll(() => page.getByTestId('message').count()).toBe(2 * SHOWN)
    await expect.poll(async () => Math.abs(await top() - beforeEarlier)).toBeLessThan(3)
    await page.getByTestId('earlier-messages').evaluate((button: HTMLElement) => button.click())
    await expect.poll(() => page.getByTestId('message').count()).toBe(MESSAGES)
    await page.getByTestId('earlier-messages').waitFor({ state: 'detached' })
    await context.close()
  })

  it('has the own edits that were not sent on top, and loads again offline as before', async () => {
    const context = await newDevice()
    const page = await context.newPage()
    await page.goto(`${at.server.origin}/?thread=t`)
    await untilCaughtUp(page)
    await context.route('**/api/sync/push', route => route.abort())
    await page.getByTestId('message-input').fill('Not sent yet')
    await page.keyboard.press('Enter')
    await page.getByText('Not sent yet').waitFor()
    await page.evaluate(async () => { await (window as unknown as Or3Window).__or3.getDb().table('messages').update('m110', { text: 'Edited here' }) })
    await page.reload()
    await page.getByText('Not sent yet').waitFor()
    await page.getByText('Edited here').waitFor()
    await context.unroute('**/api/sync/push')
    await expect.poll(async () => (await ann.member.storedRows('ann', 'messages')).map(({ text }) => text), { timeout: 60_000 }).toEqual(expect.arrayContaining(['Not sent yet', 'Edited here']))
    await context.close()
  })

  it('keeps the thread in the URL: back and forward, and a switch of workspace leaves it', async () => {
    await ann.visit('/?thread=t')
    await ann.page.locator('[data-testid=thread-item][data-id=other]').click()
    await ann.page.getByText('In the other thread.').waitFor()
    expect(new URL(ann.page.url()).search).toBe('?thread=other')
    await ann.page.goBack()
    await ann.page.locator('[data-testid=message][data-id=m119]').waitFor()
    await ann.page.goForward()
    await ann.page.getByText('In the other thread.').waitFor()
    const other = await ann.member.createWorkspace('Other')
    await ann.page.evaluate(() => (window as unknown as Or3Window).__or3.session.refresh())
    await ann.switchWorkspace(other)
    await expect.poll(() => new URL(ann.page.url()).search).toBe('')
    expect(await ann.page.getByTestId('thread-gone').count()).toBe(0)
  })
})

/** The device has everything that the server had, and the page has had a moment to show it. */
async function untilCaughtUp(page: Page): Promise<void> {
  await page.waitForFunction(() => '__or3' in window)
  await page.evaluate(async () => { await (window as unknown as { __or3: { engine: { whenCaughtUp(): Promise<void> } } }).__or3.engine.whenCaughtUp() })
  await page.waitForTimeout(500)
}
