import { backends } from '#or3-sync-virtual/backends'
import type { SyncSwitches } from '#or3-sync/shared/sync/switches'
import type { SyncBackend } from '../lib/backend'
import type { TokenIssuer } from '../lib/tokens/token-issuer'

/**
 * Loads and opens the chosen store; the others of the build are never loaded.
 *
 * @throws Error of one line when this build does not have it, or it cannot be opened.
 */
export async function openBackend(switches: SyncSwitches, tokens: TokenIssuer | undefined): Promise<SyncBackend> {
  const name = switches.backend || (switches.convexUrl && Object.hasOwn(backends, 'convex') ? 'convex' : 'sqlite')
  const load = Object.hasOwn(backends, name) ? backends[name] : undefined
  if (!load && name === 'convex') throw new Error('[or3-sync] OR3_SYNC_BACKEND is "convex", and this build is without the package "convex"; run: npm install convex, and build again')
  if (!load) throw new Error(`[or3-sync] OR3_SYNC_BACKEND is "${name}", which is not in this build; accepted: ${Object.keys(backends).join(', ')}`)
  const open = await load()
  return open({
    path: switches.sqlitePath || undefined,
    url: (name === 'convex' ? switches.convexUrl : switches.databaseUrl) || undefined,
    tokens,
    // The names that Convex's own tools read.
    adminKey: process.env.CONVEX_SELF_HOSTED_ADMIN_KEY || process.env.CONVEX_DEPLOY_KEY || undefined,
  })
}
