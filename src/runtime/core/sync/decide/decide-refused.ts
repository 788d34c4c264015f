import { compareRevisions, nextClock, type Revision } from '../../../shared/sync/protocol/revision'
import type { StoredRevision } from '../../../shared/sync/protocol/types'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import type { OutboxFailure, OutboxOp, OutboxRecord } from '../records/engine-records'
import { remoteBeside } from './beside-refused'

/** A dead letter: an edit that the store refused for good. */
export interface RefusedEdit {
  edit: Pick<OutboxOp, 'base' | 'requeued'> & Revision
  failure: OutboxFailure | undefined
}

export interface RefusedToDiscard extends RefusedEdit {
  /** A newer edit of the record was made upon it, and stays in the outbox. */
  hasSuccessor: boolean
  row: { isPrivate: boolean, isOnlyHere: boolean } | undefined
}

/**
 * The refused edit goes, and a newer edit that was made upon it stays. `remote`, the store's revision of the record, goes to quarantine. It is
 * merged once it is known whether the newer edit is on its way to the store.
 */
interface LeftToSuccessor {
  kind: 'leave-to-successor'
  remote: StoredRevision | undefined
}

export type DiscardDecision = LeftToSuccessor | GiveUpDecision

export interface GiveUpDecision {
  kind: 'give-up'
  /**
   * `stays` also for a private row, which is kept as one that nobody else has. The refused edit was then the delete for the other devices, sent when
   * the row became private, or the row became private after the edit.
   */
  row: 'stays' | 'goes'
  /** `given-up`: the tombstone stays, and says which revision of the other devices' record this device last knew. */
  tombstone: 'given-up' | 'goes'
  /** The store's revision of the record. It takes the edit's place. */
  remote: StoredRevision | undefined
  /** A request with this edit may have reached the store, or may still reach it. */
  isOnItsWay: boolean
  /** The table is fetched again, because the store may have this edit, or has a revision that this device has not seen. */
  isFetched: boolean
}

/** Decides what follows when the user discards a refused edit. */
export function decideDiscard({ edit, failure, hasSuccessor, row }: RefusedToDiscard): DiscardDecision {
  const remote = failure && remoteBeside(failure)
  if (hasSuccessor) return { kind: 'leave-to-successor', remote }
  const stays = row !== undefined && (row.isOnlyHere || row.isPrivate)
  const isOnItsWay = mayHaveArrived(failure)
  return {
    kind: 'give-up',
    row: row && !stays ? 'goes' : 'stays',
    tombstone: stays && edit.base !== undefined ? 'given-up' : 'goes',
    remote,
    isOnItsWay,
    isFetched: isOnItsWay || (!remote && !isFirst(edit)),
  }
}

export interface RefusedToRetry extends RefusedEdit {
  isNewest: boolean
  /** Status of the record's newest edit that is no dead letter. */
  successor: OutboxRecord['status'] | undefined
  /** An upgrade of the rows has made the row private. */
  turnedPrivate: boolean
}

type RetryStep =
  | LeftToSuccessor
  | { kind: 'send' }
  /** The store's higher revision replaces the edit. Undefined: the store no longer has it. */
  | { kind: 'give-way', remote: StoredRevision | undefined }
  /** The edit gets a new revision with this clock, as if it were made now. */
  | { kind: 'raise', clock: number }

/** `drop`: the edit leaves the outbox. `status`: the new status of all the record's edits, newer ones included. */
export type RetryDecision = { kind: 'drop' } | RetryStep & { status: 'pending' | 'held' }

/** Decides what follows when the user retries a refused edit. */
export function decideRetry(refused: RefusedToRetry): RetryDecision {
  if (refused.turnedPrivate) return { kind: 'drop' }
  return { ...retryStep(refused), status: refused.successor === 'held' ? 'held' : 'pending' }
}

function retryStep({ edit, failure, isNewest }: RefusedToRetry): RetryStep {
  const remote = failure?.remote
  const isHigher = remote !== undefined && compareRevisions(remote.stamp, edit) > 0
  // Nobody made this edit anew, so it must not win over a higher revision: that one may have been made upon it.
  if (isHigher && (edit.requeued || isUpgradedRevision(edit))) return { kind: 'give-way', remote: remoteBeside(failure!) }
  if (!isNewest) return { kind: 'leave-to-successor', remote: failure && remoteBeside(failure) }
  if (isHigher || isRefusedForItsStamp(failure)) return { kind: 'raise', clock: nextClock(Math.max(edit.clock, remote?.stamp.clock ?? 0)) }
  return { kind: 'send' }
}

/** Whether the edit created the record and was never raised above a revision of the store. Then the store has nothing that could be shown in its place. */
function isFirst({ base, clock }: RefusedEdit['edit']): boolean {
  return base === null && clock === 1
}

/** A user who lost the right to write may have sent the edit before. Then the store may have it, and only the answer was lost. */
function mayHaveArrived(failure: OutboxFailure | undefined): boolean {
  return failure?.code === 'READ_ONLY' || failure?.code === 'UNAUTHORIZED'
}

/** Whether the edit was refused for its age. The store has purged deletions made since, so it would refuse the same revision for ever. */
function isRefusedForItsStamp(failure: OutboxFailure | undefined): boolean {
  return failure?.code === 'CONFLICT'
}
