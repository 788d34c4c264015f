import type { DBCoreMutateRequest, DBCoreMutateResponse, DBCoreTable } from 'dexie'
import { ENGINE_COLUMNS } from '../../../shared/sync/schema/engine-tables'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { encodeLocalRow } from '../rows/encode-local-row'
import { readKey } from './read-key'

/** Writes rows while nobody is signed in: without revisions and outbox. They are checked by the same rules, because they may move to a workspace later. */
export function writePlain(table: SyncTable, down: DBCoreTable, request: DBCoreMutateRequest): Promise<DBCoreMutateResponse> {
  if (request.type !== 'add' && request.type !== 'put') return down.mutate(request)
  try {
    return down.mutate({ ...request, values: request.values.map(value => plainRow(table, value as Record<string, unknown>)) })
  }
  catch (error) { return Promise.reject(error as Error) }
}

function plainRow(table: SyncTable, value: Record<string, unknown>): Record<string, unknown> {
  const { row } = encodeLocalRow(table, value)
  readKey(table, row)
  for (const column of ENGINE_COLUMNS) {
    if (value[column] !== undefined) row[column] = value[column]
  }
  return row
}
