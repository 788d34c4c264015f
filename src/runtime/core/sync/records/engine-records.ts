import type { BaseRevision, StoredRevision, SyncOperation, WireErrorCode } from '../../../shared/sync/protocol/types'

export type * from './state-records'

/**
 * The records of the engine's own tables, as they are stored in IndexedDB. The next version of this package has to read them:
 * a change that an older engine could not read raises ENGINE_FORMAT. docs/architecture.md lists the same tables.
 */

/** One edit of one record that the store has not acknowledged yet. It holds no row: the row is read from its table when the edit is sent. */
export interface OutboxOp {
  pk: string
  op: SyncOperation
  clock: number
  hlc: string
  opId: string
  /** The revision that the record had when this edit was made. Null: there was no record. Absent: unknown, as for `requeued`. */
  base?: BaseRevision | null
  /**
   * HLC nodes of earlier edits of the record that may have reached the store although no answer came: they left the outbox, or got another
   * revision. See `PendingOp.unheard`.
   */
  unheard?: string[]
  /**
   * Not a new edit. The store once had this revision and lost it when it was restored from an older backup, so this device sends it again.
   * It keeps its revision, so it never wins over anything newer.
   */
  requeued?: true
  /** An upgrade of the app's rows, and not an edit, has made the row private while this edit waited. Nothing is sent for it. */
  turnedPrivate?: true
  /** Something on the way to the store refuses this edit, and only this one. It is sent by itself, with growing pauses, so that others need not wait. */
  aside?: AsideState
}

/** The last refusal of an edit that waits aside. */
export interface AsideState {
  code: WireErrorCode
  message: string
  /** How often it was refused when it was sent by itself. */
  tries: number
}

/** `pending_ops`, the outbox: up to 500 edits that one call of the app wrote to one table. A higher `id` was committed later. */
export interface OutboxRecord {
  id?: number
  tableName: string
  /** `pending`: to be sent. `held`: kept back by `capture`. `failed`: in the dead letter. Held and failed records have exactly one op. */
  status: 'pending' | 'held' | 'failed'
  /** Epoch milliseconds. */
  createdAt: number
  /**
   * The transaction of the app that wrote these edits: the same in all its records. They reach the store in one transaction. Absent: an earlier
   * version of the engine wrote the record, or the edits were queued by the engine itself; then each record is for itself.
   */
  group?: string
  ops: OutboxOp[]
  failure?: OutboxFailure
}

/** Why an edit is in the dead letter. */
export interface OutboxFailure {
  code: WireErrorCode
  message: string
  /** Epoch milliseconds. */
  failedAt: number
  attempts: number
  /** The refused row, with local field names. Absent for a delete. */
  row?: Record<string, unknown>
  /** The newest revision of the record that has come from the store. `discard` writes it into the app's table. */
  remote?: StoredRevision
  /** The last walk did not find `remote` in the store: the record was deleted there, or the store has lost it. `discard` then does not use it. */
  isRemoteGone?: boolean
}

/**
 * `tombstones`, by `[tableName+pk]`: the revision of the delete of a record. There may be a private row with the same key; then the
 * tombstone stands for the record that the other devices had.
 */
export interface TombstoneRecord {
  tableName: string
  pk: string
  clock: number
  hlc: string
  op_id: string
  /** Epoch milliseconds. */
  deletedAt: number
  /** Epoch milliseconds at which the store acknowledged the delete. Absent: not yet. */
  syncedAt?: number
  /**
   * No delete at all: the other devices still have the record. The row became private here, which would have deleted it for the others, but
   * that delete was given up. The revision is the last of the others' record that this device knew. It becomes the base when the row is shared
   * again. Clock 0: this device knew none.
   */
  isGivenUp?: true
  /** Only with `isGivenUp`: HLC nodes of this device's edits of the record that may still reach the store. */
  unheard?: string[]
}

/** One side of a conflict: a revision with its row (local field names; absent for a delete). */
export interface ConflictSide {
  op: SyncOperation
  row?: Record<string, unknown>
  clock: number
  hlc: string
  opId: string
  deviceId?: string
}

/** `sync_conflicts`, by `id`: see `conflictId`. */
export interface ConflictRecord {
  id: string
  tableName: string
  pk: string
  winner: 'local' | 'remote'
  local: ConflictSide
  remote: ConflictSide
  /** Epoch milliseconds. */
  detectedAt: number
}

/** `sync_quarantine`, by `[tableName+pk]`: the newest change of a record that cannot be applied yet. It is tried again. */
export interface QuarantineRecord {
  tableName: string
  pk: string
  /**
   * `schema`: the row fails this app's schema. `excluded`: the record is private here. `unanswered`: a push of our own edit of the record
   * may have reached the store, and only its answer tells whether this change knew our edit.
   */
  reason: 'schema' | 'excluded' | 'unanswered'
  /** For `schema`: what is wrong with the row. */
  error?: string
  change: StoredRevision
  /** A restored store no longer has this put. Once it can be applied here it is sent to the store again. */
  isLost?: true
  /** Epoch milliseconds. */
  receivedAt: number
}
