import type { PageAnswer } from '#or3-sync/shared/sync/query/page-reader'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import type { BackendReader } from '../backends/backend'
import { checkPlan } from './check-plan'
import { scanTable } from './scan-table'
import type { ServiceParts } from './service-parts'

/** The user is a member who may read there. The caller has checked that. */
export interface FindRowsRequest extends BackendReader {
  workspaceId: string
  plan: QueryPlan
  /** Nobody waits for the answer any more. */
  signal?: AbortSignal
}

/**
 * Answers a query of a page: from an index of the store, or from all rows of the table if the store has none.
 *
 * @throws SyncError `VALIDATION_ERROR` for a query that the schema cannot answer, `OVERSIZED` for one that reads or brings too much; the reason
 * of `signal`; the errors of `SyncBackend.pull`
 */
export async function findRows(parts: Pick<ServiceParts, 'backend' | 'schema' | 'turns'>, { workspaceId, userId, session, plan, signal }: FindRowsRequest): Promise<PageAnswer> {
  const table = checkPlan(plan, parts.schema)
  await parts.turns?.pause(userId)
  const found = await parts.backend.find?.({ workspaceId, userId, session, table, plan })
  return found ?? await scanTable(parts, { workspaceId, userId, session, table, plan, signal })
}
