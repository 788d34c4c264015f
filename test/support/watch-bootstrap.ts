import type { BrowserContext } from 'playwright-core'
import type { PullRequest, PullResponse } from '#or3-sync/shared/sync/protocol/types'

export interface BootstrapPage {
  /** Where the page begins: what the request asked for. */
  cursor: number
  /** Where the next one begins. */
  nextCursor: number
  changes: number
}

export interface WatchedBootstrap {
  /** Pages that the server has answered, in order, from all tabs. */
  readonly pages: readonly BootstrapPage[]
  /** Requests for further pages that get no answer. */
  heldCount(): number
  /** From now on every request is answered, until this many pages more have been. */
  answer(pages?: number): void
}

/** Stands between a window and the store's bootstrap pages of a workspace: it counts them, and answers only as many as are asked for. */
export async function watchBootstrap(context: BrowserContext, workspaceId: string): Promise<WatchedBootstrap> {
  const pages: BootstrapPage[] = []
  let budget = Infinity
  let held = 0
  await context.route('**/api/sync/pull', async (route) => {
    const request = route.request().postDataJSON() as PullRequest
    if (!request.bootstrap || request.scope.workspaceId !== workspaceId) return await route.continue()
    if (budget <= 0) {
      held++
      return
    }
    budget--
    const response = await route.fetch()
    const { nextCursor, changes } = await response.json() as PullResponse
    pages.push({ cursor: request.cursor, nextCursor, changes: changes.length })
    // Nobody is there to take it when the tab was closed meanwhile.
    await route.fulfill({ response }).catch(() => {})
  })
  return {
    pages,
    heldCount: () => held,
    answer(more = Infinity) {
      budget = more
      held = 0
    },
  }
}
