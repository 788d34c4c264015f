import { withColumns, type StoredRow } from './row-revisions'
import type { TombstoneRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { storedRows } from '../records/stored-rows'

/**
 * A row that turned out to be private when its edit was to be sent: nobody was ever sent what is in it, so from now on it is like one
 * that was written as private, beside the tombstone that stands for it, if others have, or had, the record.
 *
 * Must run in a transaction over the row's table and `tombstones`. A row that was written again meanwhile is left to that edit.
 */
export async function keepHere(db: EngineDatabase, tableName: string, { pk, opId }: { pk: string, opId: string }, tombstone: TombstoneRecord | null): Promise<void> {
  const rows = storedRows<StoredRow>(db, tableName)
  const row = await rows.get(pk)
  if (row?.op_id !== opId) return
  await rows.put(asOnlyHere(row))
  if (tombstone) await db.tombstones.put(tombstone)
}

/** The row as one that nobody else has. */
export function asOnlyHere(row: StoredRow): StoredRow {
  return withColumns(row, { clock: row.clock, hlc: row.hlc })
}
