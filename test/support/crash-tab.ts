import type { Page } from 'playwright-core'

/** Kills the renderer process of a tab, as running out of memory does. Resolves when it is gone. */
export async function crashTab(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  // There is nobody left to answer.
  session.send('Page.crash').catch(() => {})
  await crashed
}
