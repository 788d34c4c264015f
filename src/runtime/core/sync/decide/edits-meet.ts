import { isAboveBase, knewRevision, type EditGround } from '../../../shared/sync/protocol/knew-revision'
import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { BaseRevision, SyncOperation } from '../../../shared/sync/protocol/types'
import type { OutboxRecord, QuarantineRecord } from '../records/engine-records'

/** The newest edit of a record in the outbox (waiting or refused), with the base of the oldest one: what the edits together were made upon. */
export interface WaitingEdit extends EditGround, Revision {
  op: SyncOperation
  status: OutboxRecord['status']
}

/** Whether our edit was made without knowing a revision. A page may come late: a revision at or below our base was known. */
export function isUnknown(edit: EditGround, revision: Revision): boolean {
  return (edit.base === undefined || isAboveBase(revision, edit.base)) && !knewRevision(edit, revision)
}

/**
 * Whether a revision is in conflict with an edit of ours that the provider only acknowledged. A revision with a higher clock is not: it was made
 * upon our edit, or upon a later one. Its own device was told if it replaced anything unknown. The edit itself is not, either. It comes like a foreign
 * revision where a later edit of the record was given up.
 */
export function meetsUnconfirmed(edit: EditGround & Revision | undefined, revision: Revision): boolean {
  return edit !== undefined && compareRevisions(revision, edit) !== 0 && revision.clock <= edit.clock && isUnknown(edit, revision)
}

/** Whether an edit is a create that cannot have known `other`, an older delete of a record with the same key. */
export function isUnknowingCreate(base: BaseRevision | null | undefined, edit: { op: SyncOperation, hlc: string }, other: { op: SyncOperation, stamp: { hlc: string } }): boolean {
  return base === null && edit.op === 'put' && other.op === 'delete' && edit.hlc > other.stamp.hlc
}

/** Whether a change is older than the one in quarantine. Then the one in quarantine stays. */
export function isBelowSetAside(stamp: Revision, setAside: QuarantineRecord | undefined): boolean {
  return setAside !== undefined && compareRevisions(stamp, setAside.change.stamp) < 0
}

/** Whether a revision is the one in quarantine, and a restored store has lost it. */
export function isLostRevision(setAside: QuarantineRecord | undefined, stamp: Revision): boolean {
  return setAside?.isLost === true && compareRevisions(setAside.change.stamp, stamp) === 0
}
