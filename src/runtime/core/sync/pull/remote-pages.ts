import type { EngineContext } from '../context/engine-context'
import type { PullRequest, PullResponse } from '../../../shared/sync/protocol/types'
import { SyncError } from '../../../shared/sync/protocol/errors'
import { isVersion } from '../../../shared/sync/protocol/is-version'
import { freshReply } from '../environment/fresh-reply'
import { isTimeout } from '../transport/is-timeout'

/**
 * Pulls one page, and takes note of the server's time. A page that breaks the rules of the feed is an error: otherwise the same page might be
 * pulled for ever. An invalid `latestVersion` is dropped: the walk's target then comes from its pages.
 *
 * `mayRise`: the provider may ignore `order`, so a page may go upward where downward was asked for.
 */
export async function pullPage(context: EngineContext, signal: AbortSignal, request: Omit<PullRequest, 'scope' | 'tables'> & { tables?: string[] }, { mayRise = false } = {}): Promise<PullResponse> {
  const { provider, scope, schema, env, pageSize } = context
  const limit = Math.min(request.limit, pageSize.max)
  const asked = { scope, tables: Object.keys(schema.tables), ...request, limit }
  const page = await freshReply(env.clock, () => provider.pull(asked, { signal })).catch((error: unknown) => {
    if (isTimeout(error)) pageSize.tooMuch(limit)
    throw error
  })
  if (!page || !Array.isArray(page.changes) || !Number.isSafeInteger(page.nextCursor) || typeof page.hasMore !== 'boolean') {
    throw new SyncError('SERVER_ERROR', 'the provider\'s pull must return { changes, nextCursor, hasMore }')
  }
  const falls = page.nextCursor < (request.cursor || Infinity)
  const rises = page.nextCursor > request.cursor
  const advances = request.order === 'desc' ? falls || (mayRise && rises) : rises
  if (page.hasMore && !page.requiresRescan && !advances) {
    throw new SyncError('SERVER_ERROR', `the provider's pull says hasMore but stays at cursor ${page.nextCursor}`)
  }
  pageSize.passed(limit, page.hasMore)
  context.heardFrom(page)
  return isVersion(page.latestVersion) ? page : { ...page, latestVersion: undefined }
}
