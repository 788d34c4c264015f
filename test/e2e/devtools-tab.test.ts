import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApp, openSyncTab, openUser, writeRow } from '../support/devtools-tab'
import { findAxeProblems } from '../support/find-axe-problems'
import { fillAllViews, putQuarantined, untilSent } from '../support/fill-inspector'
import { launchChromium } from '../support/launch-chromium'
import { startDevServer, type NuxtDevServer } from '../support/nuxt-dev-server'

let server: NuxtDevServer
let browser: Browser
let context: BrowserContext
let app: Page
let tab: Frame
const errors: string[] = []

beforeAll(async () => {
  server = await startDevServer()
  browser = await launchChromium()
  context = await openUser(browser, 'ann')
  app = await openApp(context, server.origin)
  tab = await openSyncTab(app, server.origin)
  // DevTools have errors of their own: their icons come from another host.
  app.on('pageerror', (error) => { if (!/fetch/i.test(error.message)) errors.push(error.message) })
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

const show = async (view: string) => {
  await tab.getByTestId(`nav-${view}`).click()
  await tab.locator(`main[data-view=${view}]`).waitFor()
}
const check = (id: string) => tab.locator(`[data-check=${id}]`)
const stateOf = (pk: string) => tab.locator(`[data-testid=edit][data-pk=${pk}]`).getAttribute('data-state')

describe('the tab "Sync" in Nuxt DevTools', () => {
  it('inspects the engine of the app around it, and starts none of its own', async () => {
    expect(await tab.locator('[data-fact="This tab"]').textContent()).toContain('leads')
    await expect.poll(() => tab.locator('[data-fact=Transport]').textContent()).toContain('event stream')
    expect(await tab.evaluate(() => '__or3Sync' in window)).toBe(false)
    expect(await tab.evaluate(async () => (await navigator.locks.query()).held!.filter(({ name }) => name!.includes('or3-db')).map(({ clientId }) => clientId)))
      .toEqual(await app.evaluate(async () => (await navigator.locks.query()).held!.filter(({ name }) => name!.includes('or3-db')).map(({ clientId }) => clientId)))
  })

  it('finds a refused row, explains it, mends it and retries it', async () => {
    await writeRow(app, 'todos', { id: 'bad', list_id: 'l', title: 7 })
    await show('outbox')
    await expect.poll(() => stateOf('bad')).toBe('failed')
    expect(await tab.getByTestId('edit-error').textContent()).toMatch(/VALIDATION_ERROR.*title/s)
    await shoot(app, 'devtools', true)

    // A retry without a mend is refused again.
    await tab.getByTestId('retry').click()
    await tab.getByText('It is sent again.').waitFor()
    await expect.poll(() => stateOf('bad')).toBe('failed')

    await tab.getByTestId('why').click()
    await expect.poll(() => check('not-refused').getAttribute('data-answer')).toBe('no')
    expect(await tab.getByTestId('cure').textContent()).toContain('Edit the row so that it fits the schema')
    expect(await check('schema').getAttribute('data-answer')).toBe('open')
    expect(await tab.getByTestId('outcome').textContent()).toBe('stuck')

    await tab.getByTestId('edit-row').click()
    const field = tab.getByTestId('row-field')
    await field.fill('{ "id": "bad", ')
    await tab.getByTestId('save-row').click()
    await tab.getByRole('alert').waitFor()
    await field.fill(JSON.stringify({ id: 'bad', list_id: 'l', title: 'Seven' }))
    await tab.getByTestId('save-row').click()
    await expect.poll(() => tab.getByTestId('outcome').textContent()).toBe('synced')
    await show('outbox')
    await tab.getByTestId('outbox-empty').waitFor()
    expect(await app.locator('#titles').textContent()).toContain('Seven')
  })

  it('gives a refused row up, after asking', async () => {
    await writeRow(app, 'todos', { id: 'worse', list_id: 'l', title: 8 })
    await expect.poll(() => stateOf('worse')).toBe('failed')
    await tab.getByTestId('ask').click()
    expect(await tab.evaluate(() => document.querySelector('#or3-sync-inspector')!.shadowRoot!.activeElement!.textContent!.trim())).toBe('Cancel')
    await tab.getByTestId('confirm').click()
    await tab.getByTestId('outbox-empty').waitFor()
  })

  it('makes the network bad for sync alone, and shows what comes of it', async () => {
    await tab.getByTestId('network').selectOption('offline')
    await writeRow(app, 'todos', { id: 'later', list_id: 'l', title: 'Written offline' })
    await expect.poll(() => stateOf('later')).toBe('pending')
    await expect.poll(() => tab.getByTestId('inspector-state').textContent()).toBe('offline')
    await tab.getByTestId('network-note').waitFor()
    await tab.getByTestId('why').click()
    await expect.poll(() => check('reachable').getAttribute('data-answer')).toBe('no')
  })

  it('shows a conflict field by field, and restores the version that lost', async () => {
    const other = await openUser(browser, 'ann')
    const second = await openApp(other, server.origin)
    // The first device is still offline, so neither edit knows the other. Of two edits of one revision the later one wins.
    await writeRow(app, 'todos', { id: 'bad', list_id: 'l', title: 'Mine' })
    await writeRow(second, 'todos', { id: 'bad', list_id: 'l', title: 'Theirs' })
    await untilSent(second)
    await tab.getByTestId('network').selectOption('online')
    await show('conflicts')
    const conflict = tab.locator('[data-testid=conflict][data-pk=bad]')
    await conflict.waitFor()
    expect(await conflict.locator('[data-field=title]').textContent()).toMatch(/differs.*Mine.*Theirs/s)
    expect(await conflict.locator('[data-field=list_id]').textContent()).not.toContain('differs')
    await conflict.getByTestId('ask').click()
    await conflict.getByTestId('confirm').click()
    await conflict.waitFor({ state: 'detached' })
    await expect.poll(() => second.locator('#titles').textContent()).toContain('Mine')
    await other.close()
  })

  it('shows a change that waits in quarantine', async () => {
    await putQuarantined(app)
    await show('quarantine')
    const waiting = tab.locator('[data-testid=quarantined][data-pk=q]')
    await waiting.waitFor()
    expect(await waiting.textContent()).toMatch(/device-of-bob.*payload\.title/s)
  })

  it('lists the rows of a table, by page and by filter, each with its revision and state', async () => {
    await app.evaluate(async () => {
      const answer = await window.__or3Sync!.open()
      if (answer.kind === 'source') for (let index = 0; index < 60; index++) await answer.source.write('todos', { id: `row-${index}`, list_id: 'l', title: `Task ${index}` })
    })
    await show('tables')
    await expect.poll(() => tab.getByTestId('pages').textContent()).toMatch(/Page 1 of 2/)
    await tab.getByTestId('next-page').click()
    await expect.poll(() => tab.getByTestId('pages').textContent()).toMatch(/Page 2 of 2/)
    await tab.getByTestId('row-filter').fill('task 59')
    const row = tab.getByTestId('row')
    await expect.poll(() => row.count()).toBe(1)
    await expect.poll(() => row.getAttribute('data-state')).toBe('synced')
    await tab.getByTestId('open-row').click()
    expect(await tab.getByTestId('row-json').textContent()).toContain('"title": "Task 59"')
  })

  it('has a timeline that can be filtered and paused', async () => {
    await show('timeline')
    const event = tab.getByTestId('event')
    await tab.getByTestId('event-filter').fill('row-59')
    await expect.poll(() => event.count()).toBeGreaterThan(0)
    await tab.getByTestId('pause').click()
    const count = await event.count()
    await writeRow(app, 'todos', { id: 'row-59', list_id: 'l', title: 'Again' })
    await expect.poll(() => tab.getByTestId('pause').textContent()).toMatch(/[1-9]\d* new/)
    expect(await event.count()).toBe(count)
    await tab.getByTestId('pause').click()
    await expect.poll(() => event.count()).toBeGreaterThan(count)
    await tab.getByTestId('event-filter').fill('')
    await tab.getByTestId('only-problems').check()
    await expect.poll(() => event.first().textContent()).toMatch(/refused|conflict|failed|error/)
  })

  it('copies a report without rows and without the user\'s id', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await tab.getByTestId('copy-diagnostics').click()
    await tab.getByText('Copied.').waitFor()
    const text = await tab.evaluate(() => navigator.clipboard.readText())
    expect(JSON.parse(text)).toMatchObject({ overview: { versions: { module: expect.any(String) }, engine: { provider: 'gateway' } }, diagnostics: { events: expect.any(Array), session: 'authenticated' } })
    expect(text).not.toMatch(/"ann"|Task 59/)
  })

  it('had no error', () => {
    expect(errors).toEqual([])
  })
})

/** What is there to see in each view, once it was read. */
const SOMETHING: Record<string, string> = {
  overview: '[data-table=todos]', outbox: '[data-testid=edit]', conflicts: '[data-testid=conflict]', quarantine: '[data-testid=quarantined]',
  tables: '[data-testid=row][data-state=synced]', timeline: '[data-testid=event]', why: '[data-testid=row-json]',
}

describe.each(['light', 'dark'] as const)('its page in %s colours', (colorScheme) => {
  let page: Page
  beforeAll(async () => {
    const opened = await openUser(browser, 'ann', { colorScheme })
    page = await opened.newPage()
    await page.goto(`${server.origin}/__or3-sync`)
    await page.getByTestId('inspector-state').waitFor()
    await fillAllViews(page, { browser, origin: server.origin })
  })

  it.each(['overview', 'outbox', 'conflicts', 'quarantine', 'tables', 'timeline', 'why'])('has nothing for axe to say about %s, and fits 390 px', async (view) => {
    for (const [width, height] of [[1040, 680], [390, 780]] as const) {
      await page.setViewportSize({ width, height })
      await page.getByTestId(`nav-${view}`).click()
      await page.locator(`main[data-view=${view}]`).waitFor()
      if (view === 'why') {
        await page.getByTestId('why-table').fill('todos')
        await page.getByTestId('why-key').fill('refused')
        await page.getByTestId('ask-why').click()
        await page.getByTestId('verdict').waitFor()
      }
      await page.locator(SOMETHING[view]!).first().waitFor()
      await shoot(page, `${view}-${width === 390 ? '390' : colorScheme}`, width !== 390 || colorScheme === 'light')
      expect(await findAxeProblems(page)).toEqual([])
      expect(await page.evaluate(() => document.querySelector('#or3-sync-inspector')!.scrollWidth), `${view} at ${width}`).toBeLessThanOrEqual(width)
    }
  })

  it('can be used with the keyboard alone', async () => {
    await page.getByTestId('nav-outbox').focus()
    await page.keyboard.press('Enter')
    await page.locator('main[data-view=outbox]').waitFor()
    expect(await page.evaluate(() => document.querySelector('#or3-sync-inspector')!.shadowRoot!.activeElement!.tagName)).toBe('MAIN')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.querySelector('#or3-sync-inspector')!.shadowRoot!.activeElement!.textContent!.trim())).toBe('Send now')
  })
})

/** With `OR3_SHOTS`, the name of a folder, the pictures of docs/devtools.md are taken. */
async function shoot(page: Page, name: string, isWanted: boolean): Promise<void> {
  const folder = process.env.OR3_SHOTS
  if (folder && isWanted) await page.screenshot({ path: `${folder}/${name}.png` })
}
