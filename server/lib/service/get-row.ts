import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import type { WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { toStoredRow } from '#or3-sync/shared/sync/rows/stored-row'
import { checkWorkspace, findTable, invalid } from './find-table'
import type { ServiceParts } from './service-parts'
import { toServiceError } from './to-service-error'

/** The caller has decided that this may be read. */
export interface GetRequest {
  workspaceId: string
  /** Declared name. */
  table: string
  pk: string
}

/**
 * One row as a device has it. Undefined: there is none, or it is deleted.
 *
 * @throws SyncError
 */
export async function getRow({ backend, schema }: Pick<ServiceParts, 'backend' | 'schema'>, { workspaceId, table: name, pk }: GetRequest): Promise<Record<string, unknown> | undefined> {
  checkWorkspace(workspaceId)
  const table = findTable(schema, name)
  const problem = primaryKeyError(pk)
  if (problem) throw invalid(`get of ${table.name}: ${problem}`, { table: table.name, field: table.primaryKey })
  const row = await backend.get({ workspaceId, tableName: table.wireName, pk }).catch((error: unknown): undefined => { throw toServiceError(error) })
  return row && toStoredRow(table, JSON.parse(row.payload!) as WirePayload, row.stamp)
}
