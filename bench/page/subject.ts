import type { LargeTableTimes } from './large-table'

/**
 * What the benchmark asks of a page, twice: of raw Dexie with the plainest network code (the floor) and of the engine.
 * Times are milliseconds by `performance.now()`; making rows is never timed.
 */
export interface BenchSubject {
  /** Opens a database of its own, and whatever syncs `workspace`. */
  open(workspace: string): Promise<void>
  /** Time of each of `count` puts, one after the other. */
  singleWrites(count: number): Promise<number[]>
  /** Time of one `bulkPut` of `count` new rows, until it has committed. */
  bulkWrite(count: number): Promise<number>
  /** Time until the store has acknowledged every row of `bulkWrite`, counted from its commit. */
  drain(): Promise<number>
  /** Time from opening an empty database until it holds the `count` rows that the store has of `workspace`. */
  bootstrap(workspace: string, count: number): Promise<number>
  /** Writes the probe row; the epoch time just before. */
  writeProbe(sequence: number): Promise<number>
  /** Starts to watch the probe row through `liveQuery`. */
  watchProbe(): void
  /** Waits until the watched probe row has the sequence number; the epoch time at which it was seen. */
  probeSeen(sequence: number): Promise<number>
  /** What a few rows cost beside `rows` others, in a database of its own that nothing is sent from. */
  largeTable(rows: number): Promise<LargeTableTimes>
}
