import { nextClock } from '../../../shared/sync/protocol/revision'
import { RETRY_POLICY } from '../../../shared/sync/protocol/retry-policy'
import type { BaseRevision, PendingOp, PushOpResult, StoredRevision, SyncOperation } from '../../../shared/sync/protocol/types'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import { isUnknowingCreate } from './edits-meet'

/** The part of a sent op that the decision needs. */
export interface SentEdit {
  operation: SyncOperation
  base?: BaseRevision | null
  stamp: Pick<PendingOp['stamp'], 'clock' | 'hlc'>
}
/** The part of the store's answer to an op that the decision needs. */
export interface Answer extends Pick<PushOpResult, 'success' | 'applied' | 'winner' | 'overwrote' | 'overwroteEarlier' | 'errorCode' | 'current'> {
  /** The edit is refused for good, even if its error code alone would allow a retry. */
  isFinal?: boolean
}

/**
 * What the store's answer means for the edit that was sent.
 *
 * - `taken`: the store has the edit. If there is a `winner`, a higher revision has replaced the edit since, and is merged.
 * - `raise`: the edit is a create, and lost to an older delete that it cannot have known. It gets a new revision above that delete.
 * - `pull`: the edit lost, but the reply had no room for the winner's row. The feed has to bring it.
 * - `lost`: the edit lost, and the winner is merged.
 * - `retry`: the edit is sent again unchanged.
 * - `restamp`: the clock of the edit, or of another edit of its batch, was too far ahead. It gets a new revision by the store's time.
 * - `refused`: the edit goes to the dead letter, together with the store's revision of the record.
 */
export type AnswerDecision = SuccessDecision & { overwritten: readonly StoredRevision[] } | RefusalDecision

type SuccessDecision =
  | { kind: 'taken', winner: StoredRevision | undefined }
  | { kind: 'raise', clock: number, base: BaseRevision }
  | { kind: 'pull', winner: StoredRevision }
  | { kind: 'lost', winner: StoredRevision }

type RefusalDecision =
  | { kind: 'retry' }
  | { kind: 'restamp', clock: number }
  | { kind: 'refused', remote: StoredRevision | undefined }

/**
 * Decides what an answer means. What has become of the edit in the outbox meanwhile does not matter here: see `decideEntry`.
 * `overwritten`: revisions in the store that our edit replaced without knowing them. Each is kept as a conflict that the local edit won.
 */
export function decideAnswer(op: SentEdit, answer: Answer): AnswerDecision {
  if (!answer.success) return decideRefusal(op, answer)
  const { overwrote, overwroteEarlier = [] } = answer
  return { ...decideSuccess(op, answer), overwritten: overwrote ? [...overwroteEarlier, overwrote] : overwroteEarlier }
}

function decideSuccess(op: SentEdit, { applied, winner }: Answer): SuccessDecision {
  // `applied` is optional: a provider that only says "success" has taken the op.
  if (applied !== false || !winner) return { kind: 'taken', winner }
  if (isUnknowingCreate(op.base, { op: op.operation, hlc: op.stamp.hlc }, winner)) {
    const { clock, hlc } = winner.stamp
    return { kind: 'raise', clock: nextClock(clock), base: { clock, hlc } }
  }
  return winner.op === 'put' && !winner.payload ? { kind: 'pull', winner } : { kind: 'lost', winner }
}

function decideRefusal({ stamp, base }: SentEdit, { isFinal, errorCode, current }: Answer): RefusalDecision {
  // A refusal without a code is tried again, so that no edit is given up by mistake.
  const meaning = errorCode ? RETRY_POLICY[errorCode].op : 'retry'
  if (isFinal || meaning === 'dead-letter') return { kind: 'refused', remote: current }
  // A revision that an upgrade made must be the same on every device. So it is never stamped anew.
  if (meaning !== 'restamp' || isUpgradedRevision(stamp)) return { kind: 'retry' }
  // No base: the edit was queued again after a restore. It may be somebody else's and was in the store once, so its own clock is not the cause, but
  // that of another edit of the batch. As a new edit of this device it could win over newer ones.
  if (base === undefined) return { kind: 'retry' }
  return { kind: 'restamp', clock: nextClock(Math.max(stamp.clock, current?.stamp.clock ?? 0)) }
}

/** The state of an answered edit in the outbox at the moment its answer is stored. */
export interface AnsweredEntry {
  /** The edit is still in the outbox. If not, another tab has stored an answer to it, or the user has discarded it. */
  isThere: boolean
  /** The edit is the record's newest. */
  isNewest: boolean
  /** A newer edit of the same record waits in the outbox. */
  hasSuccessor: boolean
}

/**
 * What becomes of an answered edit in the outbox. A raised edit counts as `restamp`.
 *
 * - `remove`: the edit leaves the outbox, together with older edits of the record.
 * - `unawaited`: the edit had left the outbox before. The record's current state was not made upon it.
 * - `fail`: the edit becomes a dead letter.
 * - `restamp`: the edit gets a new revision.
 * - `supersede`: the edit leaves the outbox because a newer edit of the record replaces it. The newer edit takes over its base.
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
 * What becomes of the store's revision that won over an answered edit.
 *
 * - `meet`: it is merged now.
 * - `leave`: it is not, because the user has edited the record again since. The answer to that newer edit brings the store's revision once more.
 *   Until then nobody knows whether another tab has already sent the newer edit, so nobody can say who wins.
 * - `await`: it is not, because the feed has not reached its version here (`isReached`). It may be a part of another device's transaction, so it is
 *   shown with the rest of it, by the level step that reaches it.
 */
export function decideWinner({ hasSuccessor }: Pick<AnsweredEntry, 'hasSuccessor'>, isReached: boolean): 'meet' | 'leave' | 'await' {
  if (hasSuccessor) return 'leave'
  return isReached ? 'meet' : 'await'
}

/**
 * What becomes of a lost edit after its winner was merged. Normally the merge has removed the edit: `settled`. If the edit is still there, the winner
 * could not be applied and was set aside. Then the edit stays in the outbox and is sent again later: `retry`.
 */
export function decideLoser({ isNewest }: Pick<AnsweredEntry, 'isNewest'>): 'settled' | 'retry' {
  return isNewest ? 'retry' : 'settled'
}
