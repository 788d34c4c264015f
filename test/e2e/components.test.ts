import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { $fetch, setup, url } from '@nuxt/test-utils/e2e'
import type { Dexie } from 'dexie'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { collectHydrationWarnings } from '../support/hydration-warnings'
import { launchChromium } from '../support/launch-chromium'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const todo = (id: string, title: unknown) => ({ id, title, list_id: 'l' })

describe('the components in a built app', async () => {
  await setup({
    rootDir: fileURLToPath(new URL('../fixtures/components-app', import.meta.url)),
    browser: false,
    env: { OR3_SYNC_SQLITE_PATH: join(tmpdir(), `or3-components-${randomUUID()}.sqlite`) },
  })
  let browser: Browser

  beforeAll(async () => { browser = await launchChromium() })
  afterEach(async () => { await Promise.all(browser.contexts().map(context => context.close())) })
  afterAll(async () => { await browser?.close() })

  /** A device of this user. */
  async function open(user: string, { isRunning = true } = {}) {
    const context = await browser.newContext({ extraHTTPHeaders: { 'x-user': user }, viewport: { width: 390, height: 844 } })
    const page = await context.newPage()
    const warnings = collectHydrationWarnings(page)
    const errors: string[] = []
    page.on('pageerror', error => errors.push(String(error)))
    await page.goto(url('/'))
    if (isRunning) await expect.poll(() => text(page, '#state'), { timeout: 30_000 }).toBe('idle 0')
    const put = (row: object) => page.evaluate(async each => void await (window as unknown as { getDb(): Dexie }).getDb().table('todos').put(each), row)
    return { context, page, warnings, errors, put }
  }

  async function text(page: Page, selector: string) {
    return (await page.locator(selector).allInnerTexts()).join().replace(/\s+/g, ' ').trim()
  }

  async function violations(page: Page, colorScheme: 'light' | 'dark') {
    await page.emulateMedia({ colorScheme })
    await page.evaluate(AXE)
    const found = await page.evaluate(() => (window as unknown as { axe: typeof import('axe-core') }).axe.run())
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html} ${failureSummary}`))
  }

  it('are rendered by the server as the browser begins with them', async () => {
    const user = randomUUID()
    const first = await open(user)
    await first.put(todo('1', 'Wash'))
    await expect.poll(() => text(first.page, '#status')).toContain('In sync')
    await expect.poll(() => text(first.page, '#state')).toBe('idle 0')

    const html = await $fetch<string>('/', { headers: { 'x-user': user } })
    expect(html).toMatch(/<div[^>]*class="or3-sync or3-sync-status"[^>]*role="status"[^>]*>[^/]*Connecting/)
    expect(html, 'the boundary waits for rows').toMatch(/id="fallback"[^>]*> not here yet: connecting/)
    expect(html, 'but not where the app says that they are here').toMatch(/id="rendered"[^>]*>Wash/)
    expect(html).not.toContain('<progress')

    const second = await open(user)
    await expect.poll(() => text(second.page, '#todos')).toBe('Wash')
    for (const { warnings, errors } of [first, second]) expect([warnings, errors]).toEqual([[], []])
  })

  it('show rows of this device offline, and say that it is offline', async () => {
    const { context, page, put } = await open(randomUUID())
    await put(todo('1', 'Wash'))
    await expect.poll(() => text(page, '#state')).toBe('idle 0')
    await context.setOffline(true)
    await put(todo('2', 'Dry'))
    await expect.poll(() => text(page, '#status'), { timeout: 30_000 }).toContain('Offline')
    await expect.poll(() => text(page, '#status')).toContain('1 to send')
    await expect.poll(() => text(page, '#queue')).toBe('Waiting to be sent (1) Edit: todos 2')
    expect(await text(page, '#todos')).toBe('Wash Dry')
    await context.setOffline(false)
    await expect.poll(() => text(page, '#queue'), { timeout: 30_000 }).toBe('Everything is sent.')
  })

  it('let the user settle refused edits and conflicts, by keyboard, without a finding of axe in light and dark', async () => {
    const user = randomUUID()
    const [one, two] = [await open(user), await open(user)]
    await one.put(todo('1', 'Wash'))
    await expect.poll(() => text(two.page, '#todos')).toBe('Wash')
    for (const { context } of [one, two]) await context.setOffline(true)
    await one.put(todo('1', 'Wash at home'))
    await two.put(todo('1', 'Wash there'))
    for (const { context, page } of [one, two]) {
      await context.setOffline(false)
      await expect.poll(() => text(page, '#state'), { timeout: 30_000 }).toBe('idle 0')
    }
    await two.put(todo('2', 5))
    await expect.poll(() => text(two.page, '#queue')).toContain('The server does not accept these values')
    await expect.poll(() => text(two.page, '#conflicts')).toContain('title Wash there Wash at home')
    expect(await text(two.page, '#status')).toContain('1 not saved')

    for (const scheme of ['light', 'dark'] as const) expect(await violations(two.page, scheme)).toEqual([])
    const color = async () => await two.page.locator('#status .or3-sync-bad').evaluate(element => getComputedStyle(element).color)
    const dark = await color()
    await two.page.emulateMedia({ colorScheme: 'light' })
    expect(await color(), 'the colours follow the page').not.toBe(dark)
    if (process.env.OR3_SCREENSHOTS) await takeScreenshots(two.page, process.env.OR3_SCREENSHOTS)

    await two.page.getByRole('button', { name: 'Discard: todos 2' }).focus()
    await two.page.keyboard.press('Enter')
    await expect.poll(() => two.page.locator(':focus').textContent()).toMatch(/Keep it/)
    expect(await violations(two.page, 'light')).toEqual([])
    await two.page.keyboard.press('Shift+Tab')
    await two.page.keyboard.press('Enter')
    await expect.poll(() => text(two.page, '#queue')).toBe('Everything is sent.')
    expect(await two.page.locator(':focus').getAttribute('id')).toBe('queue')

    await two.page.getByRole('button', { name: 'Keep mine: todos 1' }).press('Enter')
    await expect.poll(() => text(two.page, '#conflicts')).toBe('No two edits have met.')
    for (const { page } of [one, two]) await expect.poll(() => text(page, '#todos')).toBe('Wash there')
    for (const { warnings, errors } of [one, two]) expect([warnings, errors]).toEqual([[], []])
  })

  async function takeScreenshots(page: Page, folder: string) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(folder, `components-${colorScheme}.png`), fullPage: true })
    }
  }
})
