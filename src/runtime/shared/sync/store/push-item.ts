import type { BaseRevision, ChangeStamp, SyncOperation, WireErrorCode } from '../protocol/types'

/** An op that passed validation. */
export interface AcceptedOp {
  kind: 'op'
  tableName: string
  pk: string
  op: SyncOperation
  /** JSON text; null for a delete. */
  payload: string | null
  stamp: ChangeStamp
  /** Absent: unknown, only an edit of equal clock is concurrent. Null: there was no such record. */
  base?: BaseRevision | null
  /** HLC nodes of the same database whose edits of the record had no answer yet when this one was made. */
  unheard?: readonly string[]
  /** Whether a stored JSON text is the same row, where more than the text decides that. Absent: it does not. */
  isSameContent?: (stored: string) => boolean
}

/** An op that did not: it keeps its place among the results. */
export interface RejectedOp {
  kind: 'rejected'
  opId: string | null
  errorCode: WireErrorCode
  error: string
  /** The record it spoke of, where that much was readable. */
  record?: { tableName: string, pk: string }
}

export type PushItem = AcceptedOp | RejectedOp
