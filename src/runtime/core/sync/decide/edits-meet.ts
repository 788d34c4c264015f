import { isAboveBase, knewRevision, type EditGround } from '../../../shared/sync/protocol/knew-revision'
import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { BaseRevision, SyncOperation } from '../../../shared/sync/protocol/types'
import type { OutboxRecord, QuarantineRecord } from '../records/engine-records'

/** The newest edit of a record that waits, or was refused, upon what the oldest was made upon. */
export interface WaitingEdit extends EditGround, Revision {
  op: SyncOperation
  status: OutboxRecord['status']
}

/** Whether an edit of ours cannot have known a revision. A page may come late: what stands at or below our base, we knew. */
export function isUnknown(edit: EditGround, revision: Revision): boolean {
  return (edit.base === undefined || isAboveBase(revision, edit.base)) && !knewRevision(edit, revision)
}

/** A revision of a higher clock was made upon ours, or upon one that was; what became of that its own device was told. */
export function meetsUnconfirmed(edit: EditGround | undefined, revision: Revision): boolean {
  return edit !== undefined && revision.clock <= edit.clock && isUnknown(edit, revision)
}

/** A create that cannot have known an older delete of a record with the same key. */
export function isUnknowingCreate(base: BaseRevision | null | undefined, edit: { op: SyncOperation, hlc: string }, other: { op: SyncOperation, stamp: { hlc: string } }): boolean {
  return base === null && edit.op === 'put' && other.op === 'delete' && edit.hlc > other.stamp.hlc
}

/** A change may come after a newer one that was set aside: that one still counts. */
export function isBelowSetAside(stamp: Revision, setAside: QuarantineRecord | undefined): boolean {
  return setAside !== undefined && compareRevisions(stamp, setAside.change.stamp) < 0
}

/** Whether a revision is the one that stands in quarantine as lost. */
export function isLostRevision(setAside: QuarantineRecord | undefined, stamp: Revision): boolean {
  return setAside?.isLost === true && compareRevisions(setAside.change.stamp, stamp) === 0
}
