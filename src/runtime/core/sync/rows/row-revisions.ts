import type { Transaction } from 'dexie'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { storedRowsIn, type StoredRow } from '../records/stored-rows'

/** The engine's columns of a row. */
export type RowColumns = Pick<StoredRow, 'clock' | 'hlc' | 'op_id'>

/** The engine's columns of each row, by table name and primary key. */
export type RowRevisions = ReadonlyMap<string, ReadonlyMap<string, RowColumns>>

/** How many rows are read at once. */
const CHUNK = 500

/** Reads the engine's columns of all rows, before a step of the app. What a step writes is not an edit, so its rows get these columns back. */
export async function readRowRevisions(tx: Transaction, tables: readonly SyncTable[]): Promise<RowRevisions> {
  const revisions = new Map<string, Map<string, RowColumns>>()
  for (const table of tables) {
    const known = new Map<string, RowColumns>()
    revisions.set(table.name, known)
    await eachChunk(tx, table, async (rows) => {
      for (const row of rows) known.set(row[table.primaryKey] as string, columnsOf(row))
    })
  }
  return revisions
}

/** Calls `work` with a table's rows, 500 at a time, in the order of their keys. `work` may write rows, but not under new keys. */
export async function eachChunk(tx: Transaction, { name }: SyncTable, work: (rows: StoredRow[]) => Promise<void>): Promise<void> {
  const store = storedRowsIn(tx, name)
  const keyPath = store.schema.primKey.keyPath as string
  let rows = await store.orderBy(':id').limit(CHUNK).toArray()
  while (rows.length) {
    const last = rows.at(-1)![keyPath] as string
    await work(rows)
    rows = await store.where(':id').above(last).limit(CHUNK).toArray()
  }
}

/** The row with exactly these engine columns. */
export function withColumns(row: StoredRow, columns: RowColumns): StoredRow {
  const { clock: _clock, hlc: _hlc, op_id: _opId, ...plain } = row
  return { ...plain, ...columns }
}

/** The engine's columns of a row. */
export function columnsOf({ clock, hlc, op_id }: StoredRow): RowColumns {
  return { ...(clock === undefined ? {} : { clock }), ...(hlc === undefined ? {} : { hlc }), ...(op_id === undefined ? {} : { op_id }) }
}

export function sameColumns(a: RowColumns, b: RowColumns): boolean {
  return a.clock === b.clock && a.hlc === b.hlc && a.op_id === b.op_id
}
