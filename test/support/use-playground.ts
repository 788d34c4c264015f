import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { launchChromium } from './launch-chromium'
import { type PlaygroundServer, startPlayground } from './playground-server'

export interface Playground {
  readonly browser: Browser
  readonly server: PlaygroundServer
}

/** A built playground and a real browser for the tests of a file or a `describe`. Windows are closed after each test. */
export function usePlayground({ keepsWindows = false } = {}): Playground {
  let browser: Browser
  let server: PlaygroundServer
  beforeAll(async () => {
    server = await startPlayground()
    browser = await launchChromium()
  })
  if (!keepsWindows) {
    afterEach(async () => {
      await Promise.all(browser.contexts().map(context => context.close()))
    })
  }
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })
  return {
    get browser() { return browser },
    get server() { return server },
  }
}
