import { nextClock } from '../../../shared/sync/protocol/revision'
import type { BaseRevision, PendingOp, PushOpResult, StoredRevision, SyncOperation, WireErrorCode } from '../../../shared/sync/protocol/types'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import { isUnknowingCreate } from './edits-meet'

/** What the decision rests on: of the op, and of the answer to it. */
export interface SentEdit {
  operation: SyncOperation
  base?: BaseRevision | null
  stamp: Pick<PendingOp['stamp'], 'clock' | 'hlc'>
}
export interface Answer extends Pick<PushOpResult, 'success' | 'applied' | 'winner' | 'overwrote' | 'overwroteEarlier' | 'errorCode' | 'current'> {
  /** Refused for good, whatever the code alone would mean. */
  isFinal?: boolean
}

/**
 * What an answer means for the edit that was sent.
 *
 * - `taken`: the store has it; a `winner` has overtaken it since, and meets what is here.
 * - `raise`: a create that met an older delete it cannot have known: it is stamped anew, above that delete.
 * - `pull`: it lost, and the reply left out to what.
 * - `lost`: the winner meets what is here.
 * - `retry`: it is sent again as it is.
 * - `restamp`: its stamp was too far ahead: it is stamped anew by the store's time.
 * - `refused`: it goes to the dead letter, with what the store has.
 */
export type AnswerDecision = SuccessDecision & { overwritten: readonly StoredRevision[] } | RefusalDecision

type SuccessDecision =
  | { kind: 'taken', winner: StoredRevision | undefined }
  | { kind: 'raise', clock: number, base: BaseRevision }
  | { kind: 'pull' }
  | { kind: 'lost', winner: StoredRevision }

type RefusalDecision =
  | { kind: 'retry' }
  | { kind: 'restamp', clock: number }
  | { kind: 'refused', remote: StoredRevision | undefined }

/**
 * Decides what an answer means, whatever has become of the edit meanwhile. `overwritten`: what our op replaced without knowing it. It is
 * kept as a conflict that we have won.
 */
export function decideAnswer(op: SentEdit, answer: Answer): AnswerDecision {
  if (!answer.success) return decideRefusal(op, answer)
  const { overwrote, overwroteEarlier = [] } = answer
  return { ...decideSuccess(op, answer), overwritten: overwrote ? [...overwroteEarlier, overwrote] : overwroteEarlier }
}

function decideSuccess(op: SentEdit, { applied, winner }: Answer): SuccessDecision {
  // A provider that only says "success" has taken the op.
  if (applied !== false || !winner) return { kind: 'taken', winner }
  if (isUnknowingCreate(op.base, { op: op.operation, hlc: op.stamp.hlc }, winner)) {
    const { clock, hlc } = winner.stamp
    return { kind: 'raise', clock: nextClock(clock), base: { clock, hlc } }
  }
  return winner.op === 'put' && !winner.payload ? { kind: 'pull' } : { kind: 'lost', winner }
}

/** Refusals that the same op would meet for ever. Whatever is not named here is tried again: nothing is given up by mistake. */
const PERMANENT: ReadonlySet<WireErrorCode> = new Set(['VALIDATION_ERROR', 'OVERSIZED', 'CONFLICT', 'NOT_FOUND', 'READ_ONLY'])

function decideRefusal({ stamp }: SentEdit, { isFinal, errorCode, current }: Answer): RefusalDecision {
  if (isFinal || (errorCode !== undefined && PERMANENT.has(errorCode))) return { kind: 'refused', remote: current }
  // What an upgrade made keeps its stamp, whatever is said of the batch: it must be the same on every device.
  if (errorCode !== 'CLOCK_SKEW' || isUpgradedRevision(stamp)) return { kind: 'retry' }
  return { kind: 'restamp', clock: nextClock(Math.max(stamp.clock, current?.stamp.clock ?? 0)) }
}

/** What the outbox holds of an answered edit's record by now. */
export interface AnsweredEntry {
  /** The edit is still there. Another tab may have heard what became of it, or the user has given it up. */
  isThere: boolean
  /** It is the record's newest. */
  isNewest: boolean
  /** Another edit of the record waits, and is the newest. */
  hasSuccessor: boolean
}

/**
 * What becomes of an answered edit in the outbox. One that is raised is stamped anew like any other.
 *
 * - `remove`: it goes, with what it superseded.
 * - `unawaited`: it had left before. What the record has now does not stand on it.
 * - `fail`, `restamp`: as the answer asks.
 * - `supersede`: it goes, and later edits stand on what it stood on. Its successor is what counts.
 */
export type EntryFate = 'remove' | 'unawaited' | 'fail' | 'restamp' | 'supersede'

export function decideEntry(answer: 'taken' | 'refused' | 'restamp', { isThere, isNewest }: AnsweredEntry): EntryFate {
  switch (answer) {
    case 'taken': return isThere ? 'remove' : 'unawaited'
    case 'refused': return isNewest ? 'fail' : 'supersede'
    case 'restamp': return isNewest ? 'restamp' : 'supersede'
  }
}

/**
 * What becomes of a winner over an answered edit. `meet`: it meets what is here. `leave`: the edit was written over since, and goes. The answer
 * to the successor tells as much, and whether that is on its way from another tab, or has arrived unheard, only that answer tells.
 */
export function decideWinner({ hasSuccessor }: AnsweredEntry): 'meet' | 'leave' {
  return hasSuccessor ? 'leave' : 'meet'
}

/**
 * What becomes of an edit whose winner has met what is here. `retry`: it is still there, so its winner had to be set aside. The edit stays until
 * that can be applied, and is not sent again at once.
 */
export function decideLoser({ isNewest }: Pick<AnsweredEntry, 'isNewest'>): 'settled' | 'retry' {
  return isNewest ? 'retry' : 'settled'
}
