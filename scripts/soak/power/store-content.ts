export interface StoredRevision {
  clock: number
  opId: string
  /** The server version of the revision. */
  version: number
}

/** What is in a store after a cut. */
export interface StoreContent {
  /** What SQLite's integrity check says; `ok` when it finds nothing. */
  integrity: string
  /** The latest server version. */
  version: number
  /** By `table/pk`. */
  records: Map<string, StoredRevision>
}
