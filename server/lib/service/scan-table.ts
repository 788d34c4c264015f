import { GATEWAY_PAGE_BYTES, PULL_MAX_LIMIT } from '#or3-sync/shared/sync/protocol/limits'
import type { PageAnswer } from '#or3-sync/shared/sync/query/page-reader'
import type { BackendFind, FeedPage } from '../backends/backend'
import { BackendUnavailableError } from '../errors/backend-unavailable-error'
import { PlanReader } from '../backends/plan-reader'
import type { ServiceParts } from './service-parts'

interface Scan extends BackendFind { signal?: AbortSignal }

/**
 * Answers a query from all rows of its table, which it reads from the feed. The answer is the table at the version of the last page.
 *
 * @throws SyncError `OVERSIZED` when the table is too large for that; the reason of `signal`
 */
export async function scanTable(parts: Pick<ServiceParts, 'backend' | 'turns'>, scan: Scan): Promise<PageAnswer> {
  const reader = new PlanReader(scan.table, scan.plan)
  let page = await readPages(parts, scan, { cursor: 0, bootstrap: true, reader })
  // Rows that were deleted while the pages were read: without `bootstrap`, the feed says so.
  if (page.last.latestVersion !== page.first.latestVersion) page = await readPages(parts, scan, { cursor: page.first.latestVersion, bootstrap: false, reader })
  return { value: reader.answer(), version: page.last.latestVersion, epoch: page.last.epoch }
}

/** Reads until there is no more. @returns the first page and the last one */
async function readPages({ backend, turns }: Pick<ServiceParts, 'backend' | 'turns'>, { table, userId, signal, plan: _plan, ...request }: Scan, { cursor, bootstrap, reader }: { cursor: number, bootstrap: boolean, reader: PlanReader }): Promise<{ first: FeedPage, last: FeedPage }> {
  let first: FeedPage | undefined
  for (;;) {
    signal?.throwIfAborted()
    const page = await backend.pull({ ...request, userId, cursor, limit: PULL_MAX_LIMIT, tables: [table.wireName], order: 'asc', bootstrap, maxBytes: GATEWAY_PAGE_BYTES })
    first ??= page
    if (page.requiresRescan || page.epoch !== first.epoch) throw new BackendUnavailableError('the workspace was erased, or the store restored, while a query read it')
    for (const row of page.rows) reader.take(row)
    if (!page.hasMore) return { first, last: page }
    cursor = page.nextCursor
    await turns?.pause(userId)
  }
}
