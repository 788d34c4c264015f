import { compareRevisions, nextClock, type Revision } from '../../../shared/sync/protocol/revision'
import type { StoredRevision } from '../../../shared/sync/protocol/types'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import type { OutboxFailure, OutboxOp, OutboxRecord } from '../records/engine-records'
import { remoteBeside } from './beside-refused'

/** An edit of the dead letter with what is here of its record. */
export interface RefusedEdit {
  edit: Pick<OutboxOp, 'base' | 'requeued'> & Revision
  failure: OutboxFailure | undefined
}

export interface RefusedToDiscard extends RefusedEdit {
  /** An edit of the record was made upon it, and stays in the outbox. */
  hasSuccessor: boolean
  row: { isPrivate: boolean, isOnlyHere: boolean } | undefined
}

/** An edit was made upon a refused one that goes now: it stands for itself. `remote` is set aside until it is known whether it is on its way. */
interface LeftToSuccessor {
  kind: 'leave-to-successor'
  remote: StoredRevision | undefined
}

export type DiscardDecision = LeftToSuccessor | GiveUpDecision

export interface GiveUpDecision {
  kind: 'give-up'
  /** The delete that a row sends when it becomes private is refused, too: the row stays, even where it is private no more. */
  row: 'stays' | 'goes'
  /** `given-up`: it says what this device last knew of theirs. */
  tombstone: 'given-up' | 'goes'
  /** What the store has takes the edit's place. */
  remote: StoredRevision | undefined
  /** It may reach the store later. */
  isOnItsWay: boolean
  /** The store has a version that we have not seen since, or may have this very edit: the table is fetched again. */
  isFetched: boolean
}

/** Decides what follows when a refused edit is given up. */
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
    isFetched: isOnItsWay || (!remote && edit.base !== null),
  }
}

export interface RefusedToRetry extends RefusedEdit {
  isNewest: boolean
  /** Of the record's newest edit that may be sent. */
  successor: OutboxRecord['status'] | undefined
  /** An upgrade has made its row private. */
  turnedPrivate: boolean
}

type RetryStep =
  | LeftToSuccessor
  | { kind: 'send' }
  /** What the store no longer has is nobody's: then its answer to this one says what there is. */
  | { kind: 'give-way', remote: StoredRevision | undefined }
  /** An edit of now. */
  | { kind: 'raise', clock: number }

/** `status`: where the record's edits go, together with what was written over the refused one since. */
export type RetryDecision = { kind: 'drop' } | RetryStep & { status: 'pending' | 'held' }

/** Decides what follows when a refused edit is tried again. */
export function decideRetry(refused: RefusedToRetry): RetryDecision {
  if (refused.turnedPrivate) return { kind: 'drop' }
  return { ...retryStep(refused), status: refused.successor === 'held' ? 'held' : 'pending' }
}

function retryStep({ edit, failure, isNewest }: RefusedToRetry): RetryStep {
  const remote = failure?.remote
  const isHigher = remote !== undefined && compareRevisions(remote.stamp, edit) > 0
  // It is nobody's new edit: what has arrived may have been made upon it.
  if (isHigher && (edit.requeued || isUpgradedRevision(edit))) return { kind: 'give-way', remote: remoteBeside(failure!) }
  if (!isNewest) return { kind: 'leave-to-successor', remote: failure && remoteBeside(failure) }
  if (isHigher || isRefusedForItsStamp(failure)) return { kind: 'raise', clock: nextClock(Math.max(edit.clock, remote?.stamp.clock ?? 0)) }
  return { kind: 'send' }
}

/** Whoever may not write here any more may have sent it before: the store then has it, and only its answer was lost. */
function mayHaveArrived(failure: OutboxFailure | undefined): boolean {
  return failure?.code === 'READ_ONLY' || failure?.code === 'UNAUTHORIZED'
}

/** Whether the edit was refused for its age. The store has forgotten what was deleted since, so the same stamp would be refused for ever. */
function isRefusedForItsStamp(failure: OutboxFailure | undefined): boolean {
  return failure?.code === 'CONFLICT'
}
