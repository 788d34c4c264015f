import { withColumns } from './row-revisions'
import type { TombstoneRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { storedRows, type StoredRow } from '../records/stored-rows'

/**
 * Makes a stored row private, like one that was private when it was written. Used if an edit is about to be sent and its row turns out to be
 * private: what is in the row was never sent. If others have or had the record, `tombstone` is stored beside the row.
 *
 * Does nothing if the row was written again meanwhile. Must run in a transaction over the row's table and `tombstones`.
 */
export async function keepHere(db: EngineDatabase, tableName: string, { pk, opId }: { pk: string, opId: string }, tombstone: TombstoneRecord | null): Promise<void> {
  const rows = storedRows(db, tableName)
  const row = await rows.get(pk)
  if (row?.op_id !== opId) return
  await rows.put(asOnlyHere(row))
  if (tombstone) await db.tombstones.put(tombstone)
}

/** The row as a private one: without an op id. */
export function asOnlyHere(row: StoredRow): StoredRow {
  return withColumns(row, { clock: row.clock, hlc: row.hlc })
}
