import type { OutboxRecord } from '#or3-sync/core/sync/records/engine-records'
import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { AcceptedOp } from '#or3-sync/shared/sync/store/push-item'
import type { PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { ChangeStamp, SyncChange, SyncOperation } from '#or3-sync/shared/sync/protocol/types'

/**
 * The small case: two devices, one record, a few edits, one store. States are never changed in place.
 * What an edit wrote is its own name, so that a row tells whose it is.
 */
export interface ModelState {
  devices: readonly [DeviceState, DeviceState]
  server: ServerState
  /** Every push request ever sent. The network may deliver each at any time, any number of times, or never. */
  requests: readonly AcceptedOp[]
  /** Every edit ever made. */
  edits: readonly Edit[]
  /** Every hybrid time ever issued, rising, with the op that has it. */
  times: readonly IssuedTime[]
}

export type DeviceName = 'a' | 'b'

export interface Edit {
  /** Device and number, as in `a1`. */
  id: string
  device: DeviceName
  op: SyncOperation
  /** The edit that stood here when it was made. */
  parent: string | null
  /** Its revision now: a stamp may be renewed. */
  revision: Revision
}

export interface IssuedTime {
  /** Milliseconds of the HLC. Only the order of times matters. */
  ms: number
  opId: string
}

/** A row (`put`) or a tombstone (`delete`). */
export interface LocalRecord {
  op: SyncOperation
  edit: string
  stamp: ChangeStamp
}

export interface DeviceState {
  name: DeviceName
  here: LocalRecord | null
  outbox: readonly OutboxRecord[]
  attempt: PushAttempt | null
  /** A push of an entry that is still waiting may have arrived, and nobody has said so. */
  inDoubt: boolean
  cursor: number
  /** Feed pages read from the store and not applied yet. */
  pages: readonly FeedPageState[]
  walk: WalkState | null
  /** Stored while a walk is under way: see `PushedState`. */
  pushedFrom: number | undefined
  /** What the echo guard remembers; null: nothing. */
  echo: Revision | null
  /** Milliseconds of the last hybrid time issued or received. */
  hlcMs: number
  conflicts: readonly ModelConflict[]
}

export interface PushAttempt {
  op: AcceptedOp
  reply: FoldedResult | null
}

export interface FeedPageState {
  from: number
  nextCursor: number
  change: SyncChange | null
  requiresRescan: boolean
}

/** A first sync or a rescan: one page, for there is one record. */
export interface WalkState {
  sweeps: boolean
  isAnswered: boolean
  page: { change: SyncChange | null, target: number } | null
  isApplied: boolean
}

/** Kept by a device under the remote op: `local` and `remote` are edits. */
export interface ModelConflict {
  remoteOpId: string
  local: string
  remote: string
}

export interface ServerState {
  row: RecordRow | null
  version: number
  floor: number
  memories: ReadonlyMap<string, PushMemory>
}
