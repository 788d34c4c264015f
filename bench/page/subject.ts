import type { LargeTableTimes } from './large-table'

export interface ReopenTimes {
  /** From the call that opens the database until one row was read by its key. */
  row: number
  /** From the same call until nothing is left to do: all that the store has is known to be here. */
  idle: number
}

/**
 * What the benchmark measures: raw Dexie with the simplest network code (the floor), the engine, or another library. Times are milliseconds of
 * `performance.now()`. Making the rows is never timed.
 */
export interface BenchSubject {
  /** Opens a new database. `live`: it also starts to sync `workspace`, and waits until it is connected. */
  open(workspace: string, live: boolean): Promise<void>
  /** Returns the time of each of `count` puts, made one after the other. */
  singleWrites(count: number): Promise<number[]>
  /** Makes `count` puts with a pause after each. A performance mark `edit` stands before each of them, and after the last pause. */
  spacedWrites(count: number, pauseMs: number): Promise<void>
  /** Returns the time of one bulk write of `count` new rows, until it has committed. */
  bulkWrite(count: number): Promise<number>
  /** Returns the time from the commit of `bulkWrite` until the store has acknowledged every row of it. */
  drain(): Promise<number>
  /** Waits until the store has acknowledged every write. */
  settle(): Promise<void>
  /** Counts the rows that are stored here. */
  count(): Promise<number>
  /** Returns the time from opening an empty database until it holds the `count` rows that the store has in `workspace`. */
  bootstrap(workspace: string, count: number): Promise<number>
  /** Opens a database that an earlier page has filled by `bootstrap`, reads row `key`, and waits until all is done. */
  reopen(workspace: string, key: string): Promise<ReopenTimes>
  /** Opens such a database and returns the time until the rows `keys` have `title`, which the store gave them while it was closed. */
  catchUp(workspace: string, keys: string[], title: string): Promise<number>
  /** Writes the probe row. Returns the epoch time just before the write. */
  writeProbe(sequence: number): Promise<number>
  /** Starts to watch the probe row, as an app would. */
  watchProbe(): void
  /** Waits until the watched probe row has the sequence number. Returns the epoch time at which it was seen. */
  probeSeen(sequence: number): Promise<number>
}

export interface LargeTableSubject {
  /** Measures writes to a table with `rows` rows, in a database of its own that sends nothing. */
  largeTable(rows: number): Promise<LargeTableTimes>
}

export interface FirstPageSubject {
  /** Milliseconds from the start of the navigation until the newest rows were painted. */
  painted(): Promise<number>
}
