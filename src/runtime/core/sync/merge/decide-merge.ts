import { isAboveBase, knewRevision, type EditGround } from '../../../shared/sync/protocol/knew-revision'
import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import type { BaseRevision, SyncOperation } from '../../../shared/sync/protocol/types'

/** What is here of one record when a remote revision of it arrives. */
export interface MergeLocal {
  /** Of the row or its tombstone; absent: neither is here. */
  revision: Revision | undefined
  /** A private row does not count: it stands in no order. */
  hasRow: boolean
  /** The record's newest edit stands in the dead letter. */
  isRefused: boolean
  /** The newest edit that waits to be acknowledged, upon what the oldest was made upon. */
  unsent: { op: SyncOperation } & EditGround | undefined
  /** The newest edit, where the provider acknowledged it without saying that it was applied. */
  unconfirmed: EditGround | undefined
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
 * - `stay`, `apply`: the higher revision is ours, theirs; `meets`: it meets an edit of ours that did not know it.
 */
export type MergeDecision =
  | { kind: 'set-aside' | 'ignore' | 'keep-beside' | 'echo' | 'raise' }
  | { kind: 'stay' | 'apply', meets: boolean }

/** Decides what becomes of a remote revision of one record. */
export function decideMerge(local: MergeLocal, remote: MergeRemote): MergeDecision {
  const order = local.revision ? compareRevisions(remote.stamp, local.revision) : 1
  if (remote.isInvalid) return order > 0 ? { kind: 'set-aside' } : { kind: 'ignore' }
  // What an upgrade made is nobody's edit: refused or not, it gives way.
  const isUpgraded = local.unsent !== undefined && isUpgradedRevision(local.unsent)
  if (local.isRefused && !(isUpgraded && order > 0)) return { kind: 'keep-beside' }
  if (order === 0) return { kind: 'echo' }
  const { unsent } = local
  if (unsent && local.hasRow && order > 0 && isUnknowingCreate(unsent.base, unsent, remote)) return { kind: 'raise' }
  const meets = unsent ? isUnknown(unsent, remote.stamp) : meetsUnconfirmed(local.unconfirmed, remote.stamp)
  return order < 0 ? { kind: 'stay', meets } : { kind: 'apply', meets }
}

/** Whether an edit of ours cannot have known a revision. A page may come late: what stands at or below our base, we knew. */
export function isUnknown(edit: EditGround, revision: Revision): boolean {
  return (edit.base === undefined || isAboveBase(revision, edit.base)) && !knewRevision(edit, revision)
}

/** A revision of a higher clock was made upon ours, or upon one that was; what became of that its own device was told. */
function meetsUnconfirmed(edit: EditGround | undefined, revision: Revision): boolean {
  return edit !== undefined && revision.clock <= edit.clock && isUnknown(edit, revision)
}

/** A create that cannot have known an older delete of a record with the same key. */
export function isUnknowingCreate(base: BaseRevision | null | undefined, edit: { op: SyncOperation, hlc: string }, other: { op: SyncOperation, stamp: { hlc: string } }): boolean {
  return base === null && edit.op === 'put' && other.op === 'delete' && edit.hlc > other.stamp.hlc
}
