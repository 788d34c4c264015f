import type { Revision } from '../../../src/runtime/shared/sync/protocol/revision.ts'

/** What all devices did, in the form that checks read. */
export interface RecordedHistory {
  sessions: RecordedSession[]
  /** Op ids of revisions of which nothing is promised: those of edits that were stamped anew after an answer, before and after. */
  excepted: Set<string>
  /** The op id of a revision of such an edit -> the op id under which its transaction wrote it. */
  stampedAnew: Map<string, string>
}

/** What one device did, in its own order. */
export interface RecordedSession {
  name: string
  transactions: RecordedTransaction[]
}

/** One committed transaction. Its reads come before its writes. */
export interface RecordedTransaction {
  /** Epoch milliseconds. */
  at: number
  isConsistent: boolean
  /** Record -> the revision that was read, of a row or a tombstone. Null: there was neither. */
  reads: Map<string, Revision | null>
  /** True: all records were read. Those that are not in `reads` were as the session's transaction before had left them. */
  readsAll: boolean
  writes: RecordedWrite[]
  /** Records of which nothing is promised to this reader, because a change of theirs is in quarantine. */
  excepted: Set<string>
}

export interface RecordedWrite {
  record: string
  revision: Revision
  isDelete: boolean
  /** The transaction's group. */
  label: string
}
