import type { Dexie, Table } from 'dexie'
import { measure } from './measure'
import { makeRows, type Row } from './rows'

/** Milliseconds. */
export interface LargeTableTimes {
  /** Each `bulkPut` of 10 new rows into the large table. */
  smallBulk: number[]
  /** One `clear()` of all rows. */
  clear: number
  /** Each `put` of a new row after that. The engine then has as many tombstones as the table had rows. */
  put: number[]
  /** The floor only: one `clear()` of all rows that also writes a small record for each. An engine has to, so that other devices learn of it. */
  clearAndMark?: number
}

const CHUNK = 10_000
const SAMPLES = 30
const SMALL_BULK = 10

/** A record of a deleted row, as large as the engine's tombstone. */
export interface Mark { table: string, pk: string, clock: number, hlc: string, op_id: string, at: number }

/** Measures the cheapest `clear()` that writes a record for each row. `table` must be empty. */
export async function measureClearAndMark(db: Dexie, table: Table<Row, string>, marks: Table<Mark, [string, string]>, rows: number): Promise<number> {
  await fill(table, rows)
  return await measure(() => db.transaction('rw', table, marks, async () => {
    const keys = await table.toCollection().primaryKeys()
    const at = Date.now()
    await table.clear()
    await marks.bulkPut(keys.map(pk => ({ table: table.name, pk, clock: 2, hlc: '0mjuoic3f:0001:9v49gh9dc5jp', op_id: crypto.randomUUID(), at })))
  }))
}

async function fill(table: Table<Row, string>, rows: number): Promise<void> {
  for (let written = 0; written < rows; written += CHUNK) await table.bulkPut(makeRows(Math.min(CHUNK, rows - written)))
}

/** Measures writes of a few rows to a table that has very many. `table` must be empty. */
export async function measureLargeTable(table: Table<Row, string>, rows: number): Promise<LargeTableTimes> {
  await fill(table, rows)
  const smallBulk: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    const few = makeRows(SMALL_BULK)
    smallBulk.push(await measure(() => table.bulkPut(few)))
  }
  const clear = await measure(() => table.clear())
  const put: number[] = []
  for (const row of makeRows(SAMPLES)) put.push(await measure(() => table.put(row)))
  return { smallBulk, clear, put }
}
