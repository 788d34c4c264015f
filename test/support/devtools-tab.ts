import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import type { InspectorBridge } from '#or3-sync/inspector/bridge/inspector-bridge'
import type { JsonRow } from '#or3-sync/inspector/source/json-row'

/** The parts of the page's `window` that are used here. */
interface DevWindow {
  __NUXT_DEVTOOLS_HOST__?: { devtools: { open: () => void, navigate: (path: string) => void } }
  __or3Sync?: InspectorBridge
}

/** A browser window of a user of the fixture. Only this machine is asked: DevTools would fetch icons and fonts from elsewhere. */
export async function openUser(browser: Browser, userId: string, options: { colorScheme?: 'light' | 'dark' } = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ extraHTTPHeaders: { 'x-user': userId }, viewport: { width: 1280, height: 900 }, ...options })
  await context.route(url => url.hostname !== '127.0.0.1', route => route.abort())
  return context
}

/** Opens the app, and waits until its sync is up to date. The first page of a development server may be loaded again by itself. */
export async function openApp(context: BrowserContext, origin: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(origin)
  await page.waitForFunction(() => {
    const status = document.querySelector('#status')?.textContent ?? ''
    return '__or3Sync' in window && status.includes('"idle"')
  })
  return page
}

/** Opens DevTools over the app, and in them the tab "Sync". */
export async function openSyncTab(page: Page, origin: string): Promise<Frame> {
  await untilDevtools(page)
  await page.evaluate(() => (window as DevWindow).__NUXT_DEVTOOLS_HOST__!.devtools.open())
  const devtools = await frameAt(page, url => url.pathname.startsWith('/__nuxt_devtools__/'))
  await devtools.getByText('Get Started').click()
  await devtools.waitForURL(url => !url.pathname.endsWith('/client/'))
  await page.evaluate(() => (window as DevWindow).__NUXT_DEVTOOLS_HOST__!.devtools.navigate('/modules/custom-or3-sync'))
  const tab = await frameAt(page, url => url.href.startsWith(`${origin}/__or3-sync`))
  await tab.getByTestId('inspector-state').waitFor()
  return tab
}

/** Vite bundles what DevTools need while the first page loads, and that page then lacks them. */
async function untilDevtools(page: Page): Promise<void> {
  const isThere = async () => await page.waitForFunction(() => '__NUXT_DEVTOOLS_HOST__' in window, null, { timeout: 15_000 }).then(() => true, () => false)
  for (let reloads = 0; !await isThere(); reloads++) {
    if (reloads === 3) throw new Error('Nuxt DevTools did not start')
    await page.reload()
  }
}

/** Writes a row as the app would, by the source that the app's page gives to the inspector. */
export async function writeRow(page: Page, tableName: string, row: JsonRow): Promise<void> {
  await page.evaluate(async ([tableName, json]) => {
    const answer = await (window as DevWindow).__or3Sync!.open()
    if (answer.kind === 'source') await answer.source.write(tableName, JSON.parse(json) as JsonRow)
  }, [tableName, JSON.stringify(row)] as const)
}

/** The frame with this URL, once it is there. */
async function frameAt(page: Page, fits: (url: URL) => boolean): Promise<Frame> {
  for (;;) {
    const found = page.frames().find(frame => frame.url() && fits(new URL(frame.url(), 'http://x')))
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
