import { startError } from '#or3-sync/shared/sync/errors/start-error'
import type { SyncBackend } from '../backend'
import type { BackendSettings } from '../backend-settings'
import { convexBackend } from './convex'
import { loadConvex } from './load-convex'

/**
 * Opens the Convex store when a server starts.
 *
 * @throws Error of one line when something it needs is missing
 */
export async function openConvex({ url, tokens, adminKey, logger }: BackendSettings): Promise<SyncBackend> {
  if (!url) throw startError('convex-without-url', 'the convex backend needs the URL of a deployment; set CONVEX_URL or VITE_CONVEX_URL')
  if (!tokens) {
    throw startError('convex-without-key', 'the convex backend signs a token for each user and has no key; set OR3_SYNC_TOKEN_KEY, or OR3_SYNC_BACKEND=sqlite where only browsers speak to Convex, with tokens of their own')
  }
  await loadConvex()
  return convexBackend({ url, adminKey, logger, mintToken: userId => tokens.mintToken(userId) })
}
