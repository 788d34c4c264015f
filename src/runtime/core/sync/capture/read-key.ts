import { SyncError } from '../../../shared/sync/protocol/errors'
import { primaryKeyError } from '../../../shared/sync/protocol/primary-key'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'

/** The row's primary key. @throws SyncError `VALIDATION_ERROR` if it is missing or no valid key. */
export function readKey(table: SyncTable, row: Record<string, unknown>): string {
  const pk = row[table.primaryKey]
  const problem = primaryKeyError(pk)
  if (problem) throw new SyncError('VALIDATION_ERROR', `${table.name}.${table.primaryKey}: ${problem}`)
  return pk as string
}
