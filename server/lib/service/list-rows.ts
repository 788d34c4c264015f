import { PULL_PAGE_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import type { WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { toStoredRow } from '#or3-sync/shared/sync/rows/stored-row'
import { unknownOption } from '#or3-sync/shared/sync/schema/check-options'
import type { RowList } from '../backends/backend'
import { checkWorkspace, findTable, invalid, typeName } from './find-table'
import type { ServiceParts } from './service-parts'
import type { ListedRows, ListOptions } from './table-edits'
import { toServiceError } from './to-service-error'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

/** The caller has decided that this may be read. */
export interface ListRequest {
  workspaceId: string
  /** Declared name. */
  table: string
  options?: ListOptions
}

/**
 * Rows of one table as a device has them, in the order of their keys. See `RowAccess.list`.
 *
 * @throws SyncError
 */
export async function listRows({ backend, schema }: Pick<ServiceParts, 'backend' | 'schema'>, { workspaceId, table: name, options = {} }: ListRequest): Promise<ListedRows<Record<string, unknown>>> {
  checkWorkspace(workspaceId)
  const table = findTable(schema, name)
  const problem = optionProblem(options)
  if (problem) throw invalid(`list of ${table.name}: ${problem}`, { table: table.name })
  const { prefix, after, limit = DEFAULT_LIMIT, order = 'asc' } = options
  const { rows, hasMore } = await backend.list({ workspaceId, tableName: table.wireName, prefix, after, limit, order, maxBytes: PULL_PAGE_BYTES })
    .catch((error: unknown): RowList => { throw toServiceError(error) })
  return {
    rows: rows.map(({ payload, stamp }) => toStoredRow(table, JSON.parse(payload!) as WirePayload, stamp)),
    next: hasMore ? rows.at(-1)!.pk : null,
  }
}

function optionProblem(options: ListOptions): string | null {
  if (typeof options !== 'object' || options === null) return `the options must be an object, not ${typeName(options)}`
  const unknown = unknownOption(options, ['prefix', 'after', 'limit', 'order'])
  if (unknown) return unknown.message
  const { prefix = '', after = 'a', limit = DEFAULT_LIMIT, order = 'asc' } = options
  if (prefix !== '' && primaryKeyError(prefix)) return `prefix: ${primaryKeyError(prefix)}`
  if (primaryKeyError(after)) return `after: ${primaryKeyError(after)}`
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) return `limit: must be a whole number from 1 to ${MAX_LIMIT}`
  return order === 'asc' || order === 'desc' ? null : 'order: must be "asc" or "desc"'
}
