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
  /** The revision that the edit was made upon. Null: there was no such record. Absent: unknown, so only an edit with the same clock counts as concurrent. */
  base?: BaseRevision | null
  /** HLC nodes under which the same database edited the record before, and had no answer yet when this edit was made. */
  unheard?: readonly string[]
  /** Whether a stored JSON text is the same row. Present for tables with `upgradeRow`, where different texts may be the same row. */
  isSameContent?: (stored: string) => boolean
}

/** An op that failed validation. It still gets its place among the results. */
export interface RejectedOp {
  kind: 'rejected'
  opId: string | null
  errorCode: WireErrorCode
  error: string
  /** The record it names, if that much could be read. */
  record?: { tableName: string, pk: string }
}

export type PushItem = AcceptedOp | RejectedOp
