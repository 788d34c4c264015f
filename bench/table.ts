import type { Bench } from './bench.ts'
import { measureBehind } from './measures/behind.ts'
import { measureBootstrap } from './measures/bootstrap.ts'
import { measureBulkAndDrain } from './measures/bulk-and-drain.ts'
import { measureBytes } from './measures/bytes.ts'
import { measureClientSize } from './measures/client-size.ts'
import { measureFirstPage } from './measures/first-page.ts'
import { measureLongestTask } from './measures/longest-task.ts'
import { measurePropagation } from './measures/propagation.ts'
import { measureReaders } from './measures/readers.ts'
import { measureReopen } from './measures/reopen.ts'
import { measureServerOps } from './measures/server-ops.ts'
import { measureSingleLive } from './measures/single-live.ts'
import { measureSingleOff } from './measures/single-off.ts'
import { measureStreamMemory } from './measures/stream-memory.ts'
import type { Measure } from './samples.ts'
import { HUGE, LARGE, SMALL } from './sizes.ts'

export type Unit = 'ms' | 'bytes' | 'kB' | 'KiB' | 'ops/s'

/** What the engine should reach. */
export type Target =
  /** At most this many times the floor's cost. */
  | { ratio: number }
  /** In the row's unit. */
  | { atMost: number }
  | { atLeast: number }
  /** At most this many times what another row has. */
  | { times: number, row: string }

/** One line of the results. */
export interface BenchRow {
  id: string
  /** Parts in braces are replaced by numbers of rows: `{rows}`, `{small}`, `{large}`, `{huge}`. */
  name: string
  unit: Unit
  measure: Measure
  /** Which of the measure's samples it reads. Default: those named as the row. */
  reads?: string
  /** Of all samples of all rounds. Default: the median. */
  statistic?: 'p99' | 'highest'
  /** What the floor does. Absent: there is no floor, and one round is enough. */
  floor?: string
  /** What is measured of the engine. */
  subject: string
  target?: Target
  /** How many rows one sample is about, as a multiple of `--rows`. The cost of each is shown, too. */
  perRow?: number
}

const count = (times: number) => (bench: Bench) => Math.round(bench.rows * times)

const bootstrapSmall = measureBootstrap('bootstrap-small', count(SMALL))
const bootstrap = measureBootstrap('bootstrap', count(1))
const bootstrapLarge = measureBootstrap('bootstrap-large', count(LARGE))
const behindSmall = measureBehind('behind-small', count(SMALL))
const behindHuge = measureBehind('behind-huge', count(HUGE))

const PAGES = 'plain pages of 1,000 by `GET`, and `bulkPut`'
const FULL_SYNC = 'from an empty database to all rows stored, subscribed, and nothing left to do'
const PUT = 'raw Dexie, same table and index'

/** All rows, in the order in which they are measured and printed. */
export const TABLE: readonly BenchRow[] = [
  { id: 'single-off', name: 'single write, sync off', unit: 'ms', measure: measureSingleOff, floor: PUT, subject: 'an engine that was not started: it captures and sends nothing', target: { ratio: 1.25 } },
  { id: 'single-live', name: 'single write, sync live', unit: 'ms', measure: measureSingleLive, floor: 'the same, and the rows sent by `POST` from memory, one request at a time', subject: 'writes one after the other, which are sent and acknowledged meanwhile', target: { ratio: 1.5 } },
  { id: 'longest-task', name: 'longest task of the main thread for each edit', unit: 'ms', measure: measureLongestTask, floor: 'as above', subject: 'an edit every 100 ms while sync is live, from a trace of Chromium', target: { atMost: 5 } },
  { id: 'longest-task-worst', name: 'the same, worst of all edits', unit: 'ms', measure: measureLongestTask, reads: 'longest-task', statistic: 'highest', floor: 'as above', subject: 'as above', target: { atMost: 5 } },
  { id: 'bulk', name: 'bulk write of {rows}', unit: 'ms', measure: measureBulkAndDrain, floor: PUT, subject: '`bulkPut` until it has committed, on a device that syncs', target: { ratio: 1 }, perRow: 1 },
  { id: 'drain', name: 'drain of {rows} to the store', unit: 'ms', measure: measureBulkAndDrain, floor: '`POST`s of 1,000 rows, one SQLite transaction each', subject: 'from the commit until the store has acknowledged all', target: { ratio: 2 }, perRow: 1 },
  { id: 'bootstrap-small', name: 'bootstrap of {small}', unit: 'ms', measure: bootstrapSmall, floor: PAGES, subject: FULL_SYNC, perRow: SMALL },
  { id: 'bootstrap', name: 'bootstrap of {rows}', unit: 'ms', measure: bootstrap, floor: PAGES, subject: FULL_SYNC, target: { ratio: 1.2 }, perRow: 1 },
  { id: 'bootstrap-large', name: 'bootstrap of {large}', unit: 'ms', measure: bootstrapLarge, floor: PAGES, subject: FULL_SYNC, target: { ratio: 1.2 }, perRow: LARGE },
  { id: 'first-page', name: 'newest 50 of {large} rows on the screen of a fresh device', unit: 'ms', measure: measureFirstPage, floor: 'fetches these 50 alone, stores and shows them', subject: 'from the navigation to the painted rows, through `liveQuery`, while the first sync goes on', target: { atMost: 300 } },
  { id: 'propagation-p50', name: 'propagation, p50', unit: 'ms', measure: measurePropagation, reads: 'propagation', floor: 'a WebSocket relay that stores nothing, `put` on both devices', subject: 'from the write on one device to `liveQuery` on another, stored on both and on the server before', target: { ratio: 2 } },
  { id: 'propagation-p99', name: 'propagation, p99', unit: 'ms', measure: measurePropagation, reads: 'propagation', statistic: 'p99', floor: 'as above', subject: 'as above', target: { ratio: 2.5 } },
  { id: 'reopen-row', name: 'reopening with {large} rows: one row by its key', unit: 'ms', measure: measureReopen, floor: 'raw Dexie', subject: 'from making the engine, in a new browser', target: { ratio: 1.3 } },
  { id: 'reopen-idle', name: 'reopening with {large} rows: nothing left to do', unit: 'ms', measure: measureReopen, floor: 'one `GET` of what is new', subject: 'until `whenIdle`', target: { ratio: 1.5 } },
  { id: 'drain-up', name: 'bytes up for each row of a drain', unit: 'bytes', measure: measureBytes, floor: 'plain JSON', subject: 'on the connection, headers included, packed as the engine does it', target: { atMost: 140 } },
  { id: 'drain-up-plain', name: 'the same, unpacked', unit: 'bytes', measure: measureBytes, floor: 'plain JSON', subject: 'request bodies' },
  { id: 'drain-down', name: 'bytes down for each row of a drain', unit: 'bytes', measure: measureBytes, floor: 'an `ok` for each request', subject: 'answers, and what the stream sends until 1.5 s after the drain', target: { atMost: 20 } },
  { id: 'drain-down-plain', name: 'the same, unpacked', unit: 'bytes', measure: measureBytes, floor: 'as above', subject: 'answers and stream' },
  { id: 'bootstrap-down', name: 'bytes down for each row of a bootstrap', unit: 'bytes', measure: measureBytes, floor: 'plain JSON', subject: 'on the connection, as the server packs it', target: { atMost: 120 } },
  { id: 'bootstrap-down-plain', name: 'the same, unpacked', unit: 'bytes', measure: measureBytes, floor: 'plain JSON', subject: 'answers and stream' },
  { id: 'client-first', name: 'client beside Dexie, until edits are captured', unit: 'kB', measure: measureClientSize, subject: 'minified and gzipped', target: { atMost: 26 } },
  { id: 'client-later', name: 'loaded later', unit: 'kB', measure: measureClientSize, subject: 'minified and gzipped, each part by itself' },
  { id: 'client-schema', name: 'client with the schema of the README', unit: 'kB', measure: measureClientSize, subject: 'the first of the two, and the schema with its library', target: { atMost: 32 } },
  { id: 'server-ops', name: 'edits a second on one core, pushes of 100', unit: 'ops/s', measure: measureServerOps, floor: '`POST`s of 100 rows, one SQLite transaction each', subject: 'the gateway with SQLite, four senders', target: { atLeast: 30_000 } },
  { id: 'stream-memory', name: 'memory of an idle stream', unit: 'KiB', measure: measureStreamMemory, floor: 'bare `node:http`', subject: 'resident memory of the server, 1,000 streams over 50 workspaces', target: { atMost: 30 } },
  { id: 'readers-p50', name: '1,000 readers, 50 commits a second: p50', unit: 'ms', measure: measureReaders, floor: 'bare `node:http`, one SQLite transaction, one text for all', subject: 'from sending a push until a reader has it; the readers are in one process', target: { atMost: 4 } },
  { id: 'readers-p99', name: '1,000 readers, 50 commits a second: p99', unit: 'ms', measure: measureReaders, floor: 'as above', subject: 'as above', target: { atMost: 25 } },
  { id: 'behind-small', name: '10 changes behind in {small} rows', unit: 'ms', measure: behindSmall, floor: 'one `GET` of what is new', subject: 'from making the engine, in a new browser, until `liveQuery` shows all ten' },
  { id: 'behind-huge', name: '10 changes behind in {huge} rows', unit: 'ms', measure: behindHuge, floor: 'as above', subject: 'as above', target: { times: 1.2, row: 'behind-small' } },
]

/** The name of a row with the numbers of rows in it. */
export function nameOf({ name }: Pick<BenchRow, 'name'>, rows: number): string {
  const sizes: Record<string, number> = { small: SMALL, rows: 1, large: LARGE, huge: HUGE }
  return name.replace(/\{(\w+)\}/g, (_, size: string) => Math.round(rows * sizes[size]!).toLocaleString('en-US'))
}
