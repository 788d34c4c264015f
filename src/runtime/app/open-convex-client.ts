import { loadConvexClient } from '#or3-sync-virtual/convex'
import type { ConvexClient } from 'convex/browser'
import type { SyncLogger } from '../core/sync/environment/environment'

/**
 * Makes a client of the deployment, without a warning when the page is left: what is not sent is in the outbox.
 *
 * @returns null where there is no URL, or the app has no package `convex`.
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
