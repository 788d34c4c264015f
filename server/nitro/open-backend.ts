import { backends } from '#or3-sync-virtual/backends'
import { startError } from '#or3-sync/shared/sync/errors/start-error'
import type { SyncBackend } from '../lib/backends/backend'
import type { TokenIssuer } from '../lib/tokens/token-issuer'
import { stderrLogger } from './stderr-logger'
import type { StartSettings } from './read-start-settings'

/**
 * Loads and opens the chosen store. The other stores are never loaded.
 *
 * @throws Error of one line when the build does not contain the store, or it cannot be opened.
 */
export async function openBackend({ shared: { convexUrl }, server: { backend, sqlitePath, databaseUrl } }: StartSettings, tokens: TokenIssuer | undefined): Promise<SyncBackend> {
  const name = backend || (convexUrl ? 'convex' : 'sqlite')
  const load = Object.hasOwn(backends, name) ? backends[name] : undefined
  if (!Object.hasOwn(backends, 'convex') && (convexUrl || name === 'convex')) {
    const asks = convexUrl ? `a Convex URL is set (${convexUrl})` : 'OR3_SYNC_BACKEND is "convex"'
    throw startError('convex-not-installed', `${asks}, and this build is without the package "convex"; run: npm install convex, and build again`)
  }
  if (!load) throw startError('backend-not-in-build', `OR3_SYNC_BACKEND is "${name}", which is not in this build; accepted: ${Object.keys(backends).join(', ')}`)
  const open = await load()
  return open({
    path: sqlitePath || undefined,
    url: (name === 'convex' ? convexUrl : databaseUrl) || undefined,
    tokens,
    logger: stderrLogger,
    // The same variables that Convex's own tools read.
    adminKey: process.env.CONVEX_SELF_HOSTED_ADMIN_KEY || process.env.CONVEX_DEPLOY_KEY || undefined,
  })
}
