import type { Page, Route } from 'playwright-core'

export interface HeldRequests {
  /** How many are held. */
  count(): number
  /** Lets the held ones go on to the server, late, and holds no more. */
  release(): Promise<void>
}

/** Holds the page's requests to a path of the server back: they are under way and get no answer. */
export async function holdRequests(page: Page, path: string): Promise<HeldRequests> {
  const held: Route[] = []
  const pattern = `**${path}`
  const hold = (route: Route) => void held.push(route)
  await page.route(pattern, hold)
  return {
    count: () => held.length,
    async release() {
      await page.unroute(pattern, hold)
      // The page may have given up on some of them.
      await Promise.all(held.splice(0).map(route => route.continue().catch(() => {})))
    },
  }
}
