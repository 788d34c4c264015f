import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { ConflictRecord, OutboxRecord, QuarantineRecord } from '../records/engine-records'
import { isLostRevision, isUnknown, type WaitingEdit } from './edits-meet'

/** The state of a record's edits in the outbox when a change of the record arrives. */
export interface EditUnderWay {
  /** Status of the record's newest edit. */
  status: OutboxRecord['status'] | undefined
  /** A push of the record may have reached the store, and no answer has come yet. */
  isUnanswered: boolean
  /** One of the record's edits waits aside: something on the way refused it, and it is sent by itself. */
  hasAside: boolean
}

/**
 * Whether the store may already have a waiting edit of the record although no answer has come. Until the answer is there, nobody can say whether an
 * incoming change was made knowing our edit, or which of them replaced the other. So the change has to wait.
 *
 * An edit that waits aside is always doubtful. It was sent once, and nothing notes whether that request arrived.
 */
export function isDoubtful({ status, isUnanswered, hasAside }: EditUnderWay): boolean {
  return status === 'pending' && (isUnanswered || hasAside)
}

export interface DoubtfulChange {
  stamp: Revision
  /** The change comes out of quarantine, not from the store. */
  wasSetAside: boolean
}

/**
 * - `ignore`: a newer change of the record waits in quarantine already.
 * - `wait`: the change is kept in quarantine until the answer is there. With `conflict`, our own edit has replaced the change that waited
 *   there before, and both are kept as a conflict.
 */
export type DoubtfulDecision =
  | { kind: 'ignore' }
  | { kind: 'wait', isLost: boolean, conflict: ConflictRecord['winner'] | null }

/**
 * Decides what becomes of a doubtful change. Quarantine keeps only the newest change of a record.
 *
 * The incoming change may be our own edit, which the store has applied. If our edit did not know the change that is in quarantine, it has
 * replaced that change in the store. No answer may ever report this, so both sides are kept as a conflict now.
 */
export function decideDoubtful(edit: WaitingEdit | undefined, kept: QuarantineRecord | undefined, { stamp, wasSetAside }: DoubtfulChange): DoubtfulDecision {
  if (kept && compareRevisions(kept.change.stamp, stamp) > 0) return { kind: 'ignore' }
  const conflict = kept && edit && hasReplaced(edit, stamp, kept.change.stamp) ? 'local' : null
  return { kind: 'wait', isLost: wasSetAside && isLostRevision(kept, stamp), conflict }
}

/** Whether `stamp` is our waiting edit (or a revision that it was made upon), and our edit did not know `other`. */
function hasReplaced(edit: WaitingEdit, stamp: Revision, other: Revision): boolean {
  return isUnknown(edit, other) && (stamp.opId === edit.opId || !isUnknown(edit, stamp))
}
