import { loadConvexClient } from '#or3-sync-virtual/convex'
import type { ConvexClient } from 'convex/browser'
import type { SyncLogger } from '../core/sync/environment/environment'

/**
 * Returns a function that makes a client of the Convex deployment. That client does not warn about unsaved changes when the user leaves
 * the page, because unsent edits are safe in the outbox.
 *
 * @returns null without a URL, or when the package `convex` is not installed.
 */
export function openConvexClient(url: string, log: SyncLogger): (() => Promise<ConvexClient>) | null {
  const load = loadConvexClient
  if (!url || !load) return null
  return async () => {
    const Client = await load()
    const debug = (...words: unknown[]) => log.debug('Convex', words)
    return new Client(url, {
      initialAuthTokenReuse: true, unsavedChangesWarning: false,
      logger: { log: debug, warn: debug, error: debug, logVerbose() {} },
    })
  }
}
