import type { Revision } from '#or3-sync/shared/sync/protocol/revision'

/**
 * What a number of devices and one workspace of a store did. Records are named by any text that is unique in the workspace, such as `todos/a`.
 * Times are milliseconds of one clock.
 */
export interface RecordedHistory {
  sessions: readonly RecordedSession[]
  /** The store's commits, oldest first. Leave them out if they are not known: then write cycles cannot be seen. */
  commits?: readonly StoreCommit[]
  /**
   * Op ids of revisions of which nothing is promised (contract 7.16): held, excluded, refused, waiting aside, re-stamped after an answer,
   * queued again after a restore, lost by a restore, or of a transaction that was sent in parts.
   */
  excepted?: ReadonlySet<string>
}

/** What one database did, in the order in which it did it. A database that was deleted and made anew is another session. */
export interface RecordedSession {
  name: string
  transactions: readonly RecordedTransaction[]
}

/** One committed transaction. Its reads come before its writes, and its writes form one group. */
export interface RecordedTransaction {
  at: number
  /** Whether the database said that it was consistent. */
  isConsistent: boolean
  /** Record -> the revision that was read, of a row or a tombstone. Null: there was neither. */
  reads: ReadonlyMap<string, Revision | null>
  /** True: all records were read, and those that are not in `reads` were as the session's transaction before had left them. */
  readsAll?: boolean
  /** In the order of writing. All but the last write of a record are intermediate. */
  writes: readonly RecordedWrite[]
  /** Records of which nothing is promised to this reader: quarantined, set aside, with an edit in the dead letter, of unknown tables. */
  excepted?: ReadonlySet<string>
}

export interface RecordedWrite {
  record: string
  revision: Revision
  isDelete?: boolean
  /** What reports call this write, such as the id of the edit. Default: the beginning of the op id. */
  label?: string
}

/** One transaction of the store. */
export interface StoreCommit {
  at: number
  applied: readonly AppliedRevision[]
  /** The store was restored from a backup. `applied` are the records that are different since, with what they are now. */
  isRestore?: boolean
}

export interface AppliedRevision {
  record: string
  /** Null only after a restore: the record is not there. */
  revision: Revision | null
  /** What stood there before. Null: nothing. */
  replaced: Revision | null
  /** Only needed if no transaction of the history wrote the revision. */
  isDelete?: boolean
}
