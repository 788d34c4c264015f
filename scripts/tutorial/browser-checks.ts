import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { RunningServer } from './shell.ts'
import { until } from './until.ts'

/** One window of the reader, with a profile of its own: another device. */
interface Window { context: BrowserContext, page: Page }

/** What the reader looks at, by the names in the page's comments. Each opens or uses two windows and throws where it does not see what the page says. */
export const CHECKS: Record<string, (windows: TutorialWindows) => Promise<void>> = {
  'two-devices': async (windows) => {
    const [first, second] = await windows.open()
    await add(first.page, 'Milk')
    await sees(second.page, ['Milk'])
  },
  'offline': async (windows) => {
    const [first, second] = windows.opened()
    await offline(true, first, second)
    await add(first.page, 'Bread')
    await add(second.page, 'Salt')
    await waiting(1, first, second)
    await offline(false, first, second)
    await Promise.all([first, second].map(({ page }) => sees(page, ['Milk', 'Bread', 'Salt'])))
  },
  'conflict': async (windows) => {
    const [first, second] = windows.opened()
    await Promise.all([first, second].map(({ page }) => reloadUntil(page, 'ConflictList.vue')))
    await Promise.all([first, second].map(({ page }) => sees(page, ['Milk', 'Bread', 'Salt'])))
    await offline(true, first, second)
    await rename(first.page, 'Milk', 'Oat milk')
    await rename(second.page, 'Milk', 'Goat milk')
    await waiting(1, first, second)
    await offline(false, first)
    await waiting(0, first)
    await offline(false, second)
    await Promise.all([first, second].map(({ page }) => sees(page, ['Goat milk', 'Bread', 'Salt'])))
    await second.page.getByText('“Goat milk” has replaced “Oat milk”.').waitFor()
    await second.page.getByRole('button', { name: 'Use “Oat milk”' }).click()
    await Promise.all([first, second].map(({ page }) => sees(page, ['Oat milk', 'Bread', 'Salt'])))
  },
  'production': async (windows) => {
    const [first, second] = await windows.open()
    await signIn(first.page, 'Ann')
    await signIn(second.page, 'Ann')
    await add(first.page, 'Candles')
    await sees(second.page, ['Candles'])
    await second.page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(second.page, 'Bob')
    await second.page.getByText('idle, 0 waiting to be sent').waitFor()
    await sees(second.page, [])
  },
  'reload-without-server': async (windows) => {
    const [first, second] = await windows.open()
    await Promise.all([first, second].map(({ page }) => signIn(page, 'Cleo')))
    await add(first.page, 'Tea')
    await sees(second.page, ['Tea'])
    await first.page.evaluate(async () => { await navigator.serviceWorker.ready })
    await first.page.reload()
    await sees(first.page, ['Tea'])
    await windows.server!.stop()
    await first.page.reload()
    await sees(first.page, ['Tea'])
    await add(first.page, 'Lemon')
    await waiting(1, first)
    await windows.server!.restart()
    await sees(second.page, ['Tea', 'Lemon'])
  },
}

/** The two windows that are open, of the server that runs. */
export class TutorialWindows {
  #windows: Window[] = []
  /** The one that runs. Set it before `open`. */
  server: RunningServer | undefined

  readonly #browser: Browser

  constructor(browser: Browser) {
    this.#browser = browser
  }

  /** Closes the windows of before, and opens two new ones with the page. `prepare` is called before a window shows it. */
  async open(prepare?: (page: Page, origin: string) => Promise<void>): Promise<[Window, Window]> {
    await this.close()
    this.#windows = await Promise.all([1, 2].map(async () => {
      const context = await this.#browser.newContext()
      context.setDefaultTimeout(60_000)
      const page = await context.newPage()
      await prepare?.(page, this.server!.origin)
      await page.goto(this.server!.origin)
      await hasStarted(page)
      return { context, page }
    }))
    return this.opened()
  }

  opened(): [Window, Window] {
    const [first, second] = this.#windows
    if (!first || !second) throw new Error('no windows are open: begin with the check "two-devices"')
    return [first, second]
  }

  async close(): Promise<void> {
    await Promise.all(this.#windows.map(({ context }) => context.close()))
    this.#windows = []
  }
}

/** Waits until Vue has taken the page over: before that, a form would be sent to the server. An event stream keeps the network from ever being idle. */
async function hasStarted(page: Page): Promise<void> {
  await page.waitForFunction(() => '__vue_app__' in (document.querySelector('#__nuxt') ?? {}))
}

/** Loads the page again until it has a file that was written while the server ran: the server takes a moment to notice. */
async function reloadUntil(page: Page, file: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const request = page.waitForRequest(asked => asked.url().includes(file), { timeout: 10_000 }).catch(() => null)
    await page.reload()
    await hasStarted(page)
    if (await request) return
  }
  throw new Error(`the page never loads ${file}`)
}

async function offline(isOffline: boolean, ...windows: Window[]): Promise<void> {
  await Promise.all(windows.map(({ context }) => context.setOffline(isOffline)))
}

async function waiting(count: number, ...windows: Window[]): Promise<void> {
  await Promise.all(windows.map(({ page }) => page.getByText(`${count} waiting to be sent`).waitFor()))
}

async function add(page: Page, title: string): Promise<void> {
  await page.getByLabel('New to-do').fill(title)
  await page.getByRole('button', { name: 'Add' }).click()
}

async function rename(page: Page, from: string, to: string): Promise<void> {
  const titles = page.getByLabel('Title')
  const field = titles.nth((await shown(page)).indexOf(from))
  await field.fill(to)
  await field.blur()
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('waiting to be sent').waitFor()
}

async function shown(page: Page): Promise<string[]> {
  return await page.getByLabel('Title').evaluateAll(fields => fields.map(field => (field as HTMLInputElement).value))
}

/** Waits until the list has these titles, in this order or another. */
async function sees(page: Page, titles: string[]): Promise<void> {
  const wanted = JSON.stringify([...titles].sort())
  await until(`the list shows ${wanted}`, async () => JSON.stringify((await shown(page)).sort()) === wanted)
}
