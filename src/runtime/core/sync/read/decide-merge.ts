import { compareRevisions, type Revision } from '../../../shared/sync/revision'
import type { BaseRevision, SyncOperation } from '../../../shared/sync/types'

/** What is here of one record when a remote revision of it arrives. */
export interface MergeLocal {
  /** Of the row or its tombstone; absent: neither is here. */
  revision: Revision | undefined
  /** A private row does not count: it stands in no order. */
  hasRow: boolean
  /** The record's newest edit stands in the dead letter. */
  isRefused: boolean
  /** The newest edit that waits to be acknowledged. */
  unsent: { op: SyncOperation, hlc: string } | undefined
  /** What the oldest waiting edit was made upon. */
  base: BaseRevision | null | undefined
}

export interface MergeRemote {
  op: SyncOperation
  stamp: Revision
  /** Its row fails this device's schema. */
  isInvalid: boolean
}

/**
 * - `set-aside`: it cannot be applied now, and is kept in quarantine.
 * - `ignore`: nothing changes.
 * - `keep-beside`: it is noted beside the refused edit, for a discard.
 * - `echo`: our own edit comes back: the store has it, whatever became of the reply.
 * - `raise`: our new record is stamped anew, above a delete it could not know.
 * - `stay`, `apply`: the higher revision is ours, theirs; `meets`: it meets an unsent edit that did not know it.
 */
export type MergeDecision =
  | { kind: 'set-aside' | 'ignore' | 'keep-beside' | 'echo' | 'raise' }
  | { kind: 'stay' | 'apply', meets: boolean }

/** Decides what becomes of a remote revision of one record. */
export function decideMerge(local: MergeLocal, remote: MergeRemote): MergeDecision {
  const order = local.revision ? compareRevisions(remote.stamp, local.revision) : 1
  if (remote.isInvalid) return order > 0 ? { kind: 'set-aside' } : { kind: 'ignore' }
  if (local.isRefused) return { kind: 'keep-beside' }
  if (order === 0) return { kind: 'echo' }
  const { unsent, base } = local
  if (unsent && local.hasRow && order > 0 && isUnknowingCreate(base, unsent, remote)) return { kind: 'raise' }
  const meets = unsent !== undefined && isAbove(remote.stamp, base)
  return order < 0 ? { kind: 'stay', meets } : { kind: 'apply', meets }
}

/** A create that cannot have known an older delete of a record with the same key. */
export function isUnknowingCreate(base: BaseRevision | null | undefined, edit: { op: SyncOperation, hlc: string }, other: { op: SyncOperation, stamp: { hlc: string } }): boolean {
  return base === null && edit.op === 'put' && other.op === 'delete' && edit.hlc > other.stamp.hlc
}

/** Whether two revisions that met are a conflict: not one device's own, and something would be lost. */
export function isRealConflict(deviceId: string, local: SyncOperation, remote: { op: SyncOperation, stamp: { deviceId: string } }, isSameContent: () => boolean): boolean {
  if (remote.stamp.deviceId === deviceId) return false
  return local !== remote.op || !isSameContent()
}

/** Whether an edit made upon `base` cannot have known the revision. At or below the base, it did. */
function isAbove(revision: Revision, base: BaseRevision | null | undefined): boolean {
  if (!base) return true
  return revision.clock === base.clock ? revision.hlc > base.hlc : revision.clock > base.clock
}
