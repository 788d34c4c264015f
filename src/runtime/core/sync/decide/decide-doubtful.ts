import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { ConflictRecord, OutboxRecord, QuarantineRecord } from '../records/engine-records'
import { isLostRevision, isUnknown, type WaitingEdit } from './edits-meet'

/** What the outbox holds of a record whose change has come. */
export interface EditUnderWay {
  /** Of the record's newest edit. */
  status: OutboxRecord['status'] | undefined
  /** A push may be with the store unanswered. */
  isUnanswered: boolean
  /** One of the record's edits waits aside. */
  hasAside: boolean
}

/**
 * Whether a waiting edit of a record may be with the store unanswered: until that is answered nobody can say whether a change knew our edit,
 * or what it replaced. An edit that waits aside was sent, and goes alone: of it no other answer tells anything, and whether an earlier tab's
 * request arrived is not noted.
 */
export function isDoubtful({ status, isUnanswered, hasAside }: EditUnderWay): boolean {
  return status === 'pending' && (isUnanswered || hasAside)
}

export interface DoubtfulChange {
  stamp: Revision
  /** It comes out of quarantine. */
  wasSetAside: boolean
}

/**
 * - `ignore`: a newer one of the record waits already.
 * - `wait`: it is kept until the answer is there. `conflict`: it is our own edit, and has replaced what waited before.
 */
export type DoubtfulDecision =
  | { kind: 'ignore' }
  | { kind: 'wait', isLost: boolean, conflict: ConflictRecord['winner'] | null }

/**
 * Decides what becomes of a doubtful change. Of a record the newest counts. Where that is our own waiting edit, and it did not know the one
 * that was kept before, it has replaced that one in the store. The answer may never say so to anybody: an edit that is held back may follow.
 * So both sides are kept at once.
 */
export function decideDoubtful(edit: WaitingEdit | undefined, kept: QuarantineRecord | undefined, { stamp, wasSetAside }: DoubtfulChange): DoubtfulDecision {
  if (kept && compareRevisions(kept.change.stamp, stamp) > 0) return { kind: 'ignore' }
  const conflict = kept && edit && hasReplaced(edit, stamp, kept.change.stamp) ? 'local' : null
  return { kind: 'wait', isLost: wasSetAside && isLostRevision(kept, stamp), conflict }
}

/** Whether a revision is the record's waiting edit, or one that it stands upon, and that edit did not know `other`. */
function hasReplaced(edit: WaitingEdit, stamp: Revision, other: Revision): boolean {
  return isUnknown(edit, other) && (stamp.opId === edit.opId || !isUnknown(edit, stamp))
}
