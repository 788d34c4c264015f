import { GATEWAY_PAGE_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import type { BackendReader, FeedPage } from '../backends/backend'
import { knownTables } from '../wire/known-tables'
import type { ServiceParts } from './service-parts'

/** The user is a member who may read there. The caller has checked that. */
export interface PullPageRequest extends BackendReader {
  workspaceId: string
  /** Ascending: the last version seen. Descending: the exclusive upper bound, 0 for none. */
  cursor: number
  /** Rows. */
  limit: number
  /** Names that are not in the schema match nothing. Absent: all tables. */
  tables?: readonly string[]
  /** Default: `asc`. */
  order?: 'asc' | 'desc'
  /** Leaves tombstones out. Default: in descending order only. */
  bootstrap?: boolean
  /** The newest mark that the reader was told. */
  mark?: string
}

/**
 * One page of the feed.
 *
 * @throws the errors of `SyncBackend.pull`
 */
export async function pullPage({ backend, schema }: Pick<ServiceParts, 'backend' | 'schema'>, { tables, order = 'asc', bootstrap = order === 'desc', ...request }: PullPageRequest): Promise<FeedPage> {
  return await backend.pull({ ...request, tables: knownTables(tables, schema), order, bootstrap, maxBytes: GATEWAY_PAGE_BYTES })
}
