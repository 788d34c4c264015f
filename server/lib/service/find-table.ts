import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { SyncErrorDetails } from '#or3-sync/shared/sync/protocol/errors'
import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import { nearestName } from '#or3-sync/shared/sync/schema/nearest-name'
import type { SyncSchema, SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'

/** Characters of an unknown name in a message. */
export const SHOWN_LENGTH = 64

/** The table of a declared name. @throws SyncError `VALIDATION_ERROR` that names the nearest one */
export function findTable({ tables }: SyncSchema, name: unknown, place = ''): SyncTable {
  if (typeof name === 'string' && Object.hasOwn(tables, name)) return tables[name]!
  const known = Object.keys(tables)
  const nearest = typeof name === 'string' ? nearestName(name, known) : null
  const wanted = nearest ? `did you mean "${nearest}"?` : `the tables are ${known.join(', ')}`
  throw invalid(`${place}table: unknown table ${typeof name === 'string' ? `"${name.slice(0, SHOWN_LENGTH)}"` : `(${typeName(name)})`}; ${wanted}`)
}

/** @throws SyncError `VALIDATION_ERROR` for an id that no workspace can have */
export function checkWorkspace(workspaceId: unknown): void {
  const problem = primaryKeyError(workspaceId)
  if (problem) throw invalid(`workspaceId: ${problem.replaceAll('a primary key', 'a workspace id')}`)
}

export function invalid(message: string, details?: SyncErrorDetails): SyncError {
  return new SyncError('VALIDATION_ERROR', message, details)
}

/** What a value is, for a message. */
export function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
}
