import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { HostAnswer, HostCall } from './host-call.ts'
import type { DeviceSeat } from './remote-device.ts'

const HTML = '<!doctype html><title>device</title><script type="module" src="/device.js"></script>'

/** A page of Chromium with one device, in a context of its own. */
export class BrowserSeat implements DeviceSeat {
  readonly #context: BrowserContext
  readonly #page: Page

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context
    this.#page = page
  }

  /** `script`: the bundle of page-host.ts. The page itself does not come from the server, which may be away. Everything else does. */
  static async open(browser: Browser, origin: string, script: string): Promise<BrowserSeat> {
    const context = await browser.newContext()
    const page = await context.newPage()
    const source = await readFile(script, 'utf8')
    await page.route(`${origin}/`, route => route.fulfill({ contentType: 'text/html', body: HTML }))
    await page.route(`${origin}/device.js`, route => route.fulfill({ contentType: 'text/javascript', body: source }))
    await page.goto(`${origin}/`)
    const seat = new BrowserSeat(context, page)
    await seat.#loaded()
    return seat
  }

  call = async (call: Omit<HostCall, 'id'>): Promise<unknown> => {
    const answer = await this.#page.evaluate(`window.answer(${JSON.stringify({ ...call, id: 0 })})`) as HostAnswer
    if ('error' in answer) throw new Error(answer.error)
    return answer.result
  }

  reload = async (): Promise<void> => {
    await this.#page.reload()
    await this.#loaded()
  }

  async close(): Promise<void> {
    await this.#context.close()
  }

  async #loaded(): Promise<void> {
    await this.#page.waitForFunction(() => 'answer' in window)
  }
}
