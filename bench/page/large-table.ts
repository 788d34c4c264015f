import type { Table } from 'dexie'
import { measure } from './measure'
import { makeRows, type Row } from './rows'

/** Milliseconds. */
export interface LargeTableTimes {
  /** Each `bulkPut` of 10 new rows beside all the others. */
  smallBulk: number[]
  /** One `clear()` of all rows. */
  clear: number
  /** Each `put` of a new row after that: for the engine, beside as many tombstones. */
  put: number[]
}

const CHUNK = 10_000
const SAMPLES = 30
const SMALL_BULK = 10

/** What a few rows cost beside very many. The table has to be empty. */
export async function measureLargeTable(table: Table<Row, string>, rows: number): Promise<LargeTableTimes> {
  for (let written = 0; written < rows; written += CHUNK) await table.bulkPut(makeRows(Math.min(CHUNK, rows - written)))
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
