import type { BaseRevision, StoredRevision, SyncErrorCode, SyncOperation } from '../../../shared/sync/protocol/types'

/**
 * The records of the engine's own tables. They outlive a version of this package: a change that an older engine could not
 * read raises ENGINE_FORMAT (docs/architecture.md lists them).
 */

/** One edit of one record, waiting to be acknowledged. The row itself is read back when it is sent. */
export interface OutboxOp {
  pk: string
  op: SyncOperation
  clock: number
  hlc: string
  opId: string
  /** The stored revision this edit was made upon; null: there was none; absent where `requeued`. */
  base?: BaseRevision | null
  /** HLC nodes of earlier edits of the record that had no answer when they left the outbox, or were stamped anew. See `PendingOp.unheard`. */
  unheard?: string[]
  /** A revision that the store once had, queued for a store that was restored from before it: nobody's new edit. */
  requeued?: true
  /** An upgrade of the app's rows has made its row private. That is no edit: nothing is sent for it. */
  turnedPrivate?: true
  /** Something on the way to the store refuses it alone: it is sent by itself, with growing pauses, so that it holds nothing else up. */
  aside?: AsideState
}

/** Why an edit waits aside. */
export interface AsideState {
  code: SyncErrorCode
  message: string
  /** How often it was refused alone. */
  tries: number
}

/** `pending_ops`: what one call wrote (at most 500 ops), in the order of commits by `id`. */
export interface OutboxRecord {
  id?: number
  tableName: string
  /** `held`: kept back by `capture`. `failed`: the dead letter. Both hold exactly one op. */
  status: 'pending' | 'held' | 'failed'
  /** Epoch milliseconds. */
  createdAt: number
  ops: OutboxOp[]
  failure?: OutboxFailure
}

export interface OutboxFailure {
  code: SyncErrorCode
  message: string
  /** Epoch milliseconds. */
  failedAt: number
  attempts: number
  /** The refused row, local names; absent for a delete. */
  row?: Record<string, unknown>
  /** The newest remote revision seen since: what a discard writes. */
  remote?: StoredRevision
  /** A walk over everything has not found `remote`: it was deleted, or the store has lost it. */
  isRemoteGone?: boolean
}

/** `tombstones`, by `[tableName+pk]`: the revision of a record that is deleted here. */
export interface TombstoneRecord {
  tableName: string
  pk: string
  clock: number
  hlc: string
  op_id: string
  /** Epoch milliseconds. */
  deletedAt: number
  /** Epoch milliseconds at which the store was known to have it; absent: not yet. */
  syncedAt?: number
  /**
   * The record is not deleted: the delete that would have taken a private row from the others was refused, and given up. The revision
   * is what this device last knew of theirs, for when the row is shared again; with clock 0 it knew none.
   */
  isGivenUp?: true
  /** Of one that is given up: HLC nodes of this database's edits of the record that may still arrive. */
  unheard?: string[]
}

/** One side of a conflict: a revision with its row (local names; absent for a delete). */
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

/** `sync_quarantine`, by `[tableName+pk]`: the newest change that could not be applied, kept until it can. */
export interface QuarantineRecord {
  tableName: string
  pk: string
  /** `unanswered`: an edit of ours that waits may be with the store; the change is applied once a push has told. */
  reason: 'schema' | 'excluded' | 'unanswered'
  error?: string
  change: StoredRevision
  /** A put that a restored store no longer has: it is queued again when it can be applied. */
  isLost?: true
  receivedAt: number
}

/** `sync_state`, by `id`. */
export type StateRecord = DeviceState | ClockState | CursorState | MarkState | RefetchState | GivenUpState | BootstrapState | WalkMarks | PushedState | UnconfirmedEdit | SchemaState | TableNamesState | AdoptedState

export interface DeviceState {
  id: 'device'
  deviceId: string
  format: number
  createdAt: number
}

/** The highest HLC known at the last acknowledgement or apply; the outbox holds what was issued since. */
export interface ClockState {
  id: 'hlc'
  hlc: string
}

export interface CursorState {
  id: 'cursor'
  /** Every change up to this server version is applied or in quarantine. */
  cursor: number
  epoch?: string
  /** Tables that the cursor speaks for. */
  tables: string[]
  /** Epoch milliseconds of the last contact with the store. */
  lastSyncAt: number
  firstSyncDone: boolean
  /**
   * The store's epoch when each table was last fetched in full, also of tables that this version of the app lacks. Under another
   * epoch, rows that the store does not have may be what it has lost. A table that is missing here: that of `epoch`. An empty one: before a
   * restore, which need not have brought another epoch.
   */
  epochs?: Record<string, string>
  /**
   * A walk has met a restored store. What a table holds that was never fetched in full, such as one that only a newer tab has, may have
   * been acknowledged by the store as it was before.
   */
  wasRestored?: true
  /** How many walks have ended here: a leader that was frozen sees by it that its place is no longer the place. */
  walks?: number
  /** Whether there are `UnconfirmedEdit`s. */
  hasUnconfirmed?: boolean
}

/** See `HeardMarks`: as they travel. */
export interface MarkState {
  id: 'mark'
  mark: string
}

/**
 * Tables that are to be fetched again although the cursor speaks for them. A wish ends when a walk for it begins: one that is made
 * while a walk is under way is for the next.
 */
export interface RefetchState {
  id: 'refetch'
  tables: string[]
  /** Tables in which an upgrade made rows that a viewer may not send: they are looked at again once the user may write. */
  asWriter?: string[]
}

/** An edit was given up that may have been sent before: until then the store may still get it. */
export interface GivenUpState {
  id: 'given-up'
  /** Epoch milliseconds. */
  until: number
}

/** Where a bootstrap or rescan stands; absent: none is under way. */
export interface BootstrapState {
  id: 'bootstrap'
  /** Which walk: a tab that is on another one has been overtaken. */
  walkId: string
  kind: 'bootstrap' | 'rescan' | 'tables'
  reason: string
  /** The latest version when it began: from there the feed goes on upward. */
  target: number
  /** Where the cursor stood when it began. Absent: a walk that an earlier version of the engine has begun. */
  began?: number
  /** Where the next page begins. */
  position: number
  /** As it is asked for. A provider that does not heed `order` answers upward: then it is `asc`. */
  direction: 'desc' | 'asc'
  /** The pages have shown that they go in this direction. */
  isDirectionKnown?: true
  tables: string[]
  pulled: number
  startedAt: number
  epoch?: string
  /** Of the store's newest commit when it began. */
  mark?: string
  /** A rescan removes local rows the store no longer has; after a change of epoch it queues them instead. */
  sweep: 'none' | 'remove' | 'requeue'
}

/**
 * What the sweep at the end of a walk has to know, one record for each page and each push reply: it outlives a reload, so that a
 * walk goes on where it stopped.
 */
export interface WalkMarks {
  /** `marks:<uuid>` */
  id: string
  /** Records that the store told of, with their revisions. */
  seen?: [tableName: string, pk: string, clock: number, hlc: string, opId: string][]
  /** Records that a push reply spoke of: the walk may have passed them before. */
  pushed?: [tableName: string, pk: string][]
}

/**
 * The lowest version that a push reply spoke of since the walk under way began (or ever, before the first sync is done). A walk
 * leaves tombstones out: a delete that overtook that version would be missed, were the feed to go on from above it.
 */
export interface PushedState {
  id: 'pushed'
  from: number
}

/**
 * An edit that the provider has acknowledged without saying that it was applied: the store may hold somebody else's in its place, and
 * nobody was told. It goes when the store's word comes, or with the retention.
 */
export interface UnconfirmedEdit extends Pick<OutboxOp, 'pk' | 'op' | 'clock' | 'hlc' | 'opId' | 'base' | 'unheard'> {
  /** `unconfirmed:<table>/<pk>` */
  id: string
  tableName: string
  /** Epoch milliseconds. */
  acknowledgedAt: number
}

/** Under which names the database keeps its tables and their fields: an app that renames one tells by its name on the wire which it was. */
export interface TableNamesState {
  id: 'table-names'
  /** Name on the wire -> name here, also of tables that this version of the app lacks. */
  names: Record<string, string>
  /** Under which names it keeps their fields: table's name on the wire -> name here -> name on the wire. Absent: as the app declares them. */
  fields?: Record<string, Record<string, string>>
}

/** Rows of the local database that are stored here, and perhaps not removed there yet. It goes once they are. */
export interface AdoptedState {
  id: 'adopted'
  /** Of each its record key, and the hash of what was stored. */
  hashes: [key: string, hash: string][]
}

/** The server's schema version when this device last heard of it. */
export interface SchemaState {
  id: 'schema'
  version: number
}
