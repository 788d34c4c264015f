export interface SoakServerOptions {
  /** The store's file. */
  path: string
  /** 0: any that is free. */
  port: number
  /** Absent: what the store itself sets, `FULL`. */
  synchronous?: Exclude<Synchronous, 'FULL'>
  /** How many pages of log SQLite writes before it copies them into the database. Absent: SQLite's own 1,000. */
  checkpointPages?: number
}

export type Synchronous = 'FULL' | 'NORMAL' | 'OFF'
