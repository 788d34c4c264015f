import type { LargeTableTimes } from './large-table'

/**
 * What the benchmark measures. It is implemented twice: by raw Dexie with the simplest network code (the floor), and by the engine.
 * Times are milliseconds of `performance.now()`. Making the rows is never timed.
 */
export interface BenchSubject {
  /** Opens a new database and starts to sync `workspace`. */
  open(workspace: string): Promise<void>
  /** Returns the time of each of `count` puts, made one after the other. */
  singleWrites(count: number): Promise<number[]>
  /** Returns the time of one `bulkPut` of `count` new rows, until it has committed. */
  bulkWrite(count: number): Promise<number>
  /** Returns the time from the commit of `bulkWrite` until the store has acknowledged every row of it. */
  drain(): Promise<number>
  /** Returns the time from opening an empty database until it holds the `count` rows that the store has in `workspace`. */
  bootstrap(workspace: string, count: number): Promise<number>
  /** Writes the probe row. Returns the epoch time just before the write. */
  writeProbe(sequence: number): Promise<number>
  /** Starts to watch the probe row through `liveQuery`. */
  watchProbe(): void
  /** Waits until the watched probe row has the sequence number. Returns the epoch time at which it was seen. */
  probeSeen(sequence: number): Promise<number>
  /** Measures writes to a table with `rows` rows, in a database of its own that sends nothing. */
  largeTable(rows: number): Promise<LargeTableTimes>
}
