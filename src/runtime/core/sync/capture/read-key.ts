import { SyncError } from '../../../shared/sync/protocol/errors'
import { primaryKeyError } from '../../../shared/sync/protocol/primary-key'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'

/** @throws SyncError `VALIDATION_ERROR` where the row's primary key is none that a workspace takes. */
export function readKey(table: SyncTable, row: Record<string, unknown>): string {
  const pk = row[table.primaryKey]
  const problem = primaryKeyError(pk)
  if (problem) throw new SyncError('VALIDATION_ERROR', `${table.name}.${table.primaryKey}: ${problem}`)
  return pk as string
}
