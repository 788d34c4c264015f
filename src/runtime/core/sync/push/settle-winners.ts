import { compareRevisions } from '../../../shared/sync/protocol/revision'
import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncChange } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'
import { decideLoser, decideWinner } from '../decide/decide-answer'
import { asChange } from '../merge/remote-change'
import type { OutboxView } from '../queue/outbox-view'
import type { CursorState } from '../records/engine-records'
import type { CollectedOp } from './collect-batch'
import type { SettleOutcome } from './settle-push'
import type { UnreachedWinners } from './unreached-winners'

/** A higher revision in the store, which the answer to an edit has told of. */
export interface Winner {
  answered: CollectedOp
  change: SyncChange
  /** The reply had no room for its row: the feed has to bring it. */
  lacksRow?: true
}

/**
 * Finds the rows that a reply had no room for, where the feed has brought them before: they wait in quarantine for this answer. The feed does not bring
 * them again. @returns the winners, with these rows.
 *
 * Without this, such an edit is sent again for ever where every tab leads: another tab's push of the same edit may always be under way.
 */
export async function fillFromQuarantine({ db }: EngineContext, winners: Winner[]): Promise<Winner[]> {
  if (!winners.some(({ lacksRow }) => lacksRow)) return winners
  const aside = await db.sync_quarantine.bulkGet(winners.map(({ change: { tableName, pk } }): [string, string] => [tableName, pk]))
  return winners.map((winner, index) => {
    const record = aside[index]
    if (!winner.lacksRow || record?.reason !== 'unanswered') return winner
    const order = compareRevisions(record.change.stamp, winner.change.stamp)
    // One above the winner has replaced it in the store since, unless a restored store has lost it.
    const isThere = order === 0 || (order > 0 && !record.isLost)
    return isThere ? { answered: winner.answered, change: asChange(record.tableName, record.pk, record.change) } : winner
  })
}

/**
 * Handles winners that must not be merged now (`decideWinner`). Where the record has a newer edit in the outbox, the answered edit leaves the
 * outbox, and the newer one takes over its base.
 *
 * `cursor`: the stored cursor. @returns the keys of these records.
 */
export function leaveWinners({ winners, outcome }: { winners: readonly Winner[], outcome: SettleOutcome }, view: OutboxView, unreached: Pick<UnreachedWinners, 'isReached'>, cursor: number): ReadonlySet<string> {
  const left = new Set<string>()
  for (const { answered, change, lacksRow } of winners) {
    const { key, op } = answered
    const entry = view.answered(key, op.stamp.opId)
    const decision = decideWinner(entry, unreached.isReached(op.stamp, change, cursor))
    if (decision === 'await') {
      outcome.needsPull = true
      if (entry.isThere) outcome.unreached.push({ ...answered, winner: change })
    }
    else if (decision === 'meet' && lacksRow) outcome.retry.push({ ...answered, error: new SyncError('CONFLICT', 'the winning revision is still to be pulled', { retryable: true }) })
    if (decision === 'leave') {
      outcome.lost.push(answered)
      view.supersede(key, op.stamp)
    }
    if (decision !== 'meet' || lacksRow) left.add(key)
  }
  return left
}

/**
 * Finds changes that waited in quarantine for this answer, above a winner that could not be applied here. The store remembers the answer to a push, so a
 * repeat may tell of a winner that has been replaced since. The edit has lost to what replaced it, too.
 *
 * Without this, such a change waits for ever where every tab leads: another tab's push of the same edit may always be under way.
 */
export async function readSuccessors({ db }: EngineContext, { winners }: { winners: readonly Winner[] }, view: OutboxView, left: ReadonlySet<string>): Promise<SyncChange[]> {
  const stuck = winners.filter(({ answered: { key, op } }) => !left.has(key) && decideLoser(view.answered(key, op.stamp.opId)) === 'retry')
  if (!stuck.length) return []
  const aside = await db.sync_quarantine.bulkGet(stuck.map(({ change: { tableName, pk } }): [string, string] => [tableName, pk]))
  return aside.flatMap((record, index) => record?.reason === 'unanswered' && compareRevisions(record.change.stamp, stuck[index]!.change.stamp) > 0
    ? [asChange(record.tableName, record.pk, record.change)]
    : [])
}

/**
 * Sorts the edits whose winners were merged. If a winner could not be applied here and went to quarantine, the edit is sent again later. It does not
 * count as lost meanwhile, so each try waits longer than the one before.
 */
export function sortLosers({ winners, outcome }: { winners: readonly Winner[], outcome: SettleOutcome }, view: OutboxView, left: ReadonlySet<string>): void {
  for (const { answered } of winners) {
    const { key, op } = answered
    if (left.has(key)) continue
    if (decideLoser(view.answered(key, op.stamp.opId)) === 'settled') outcome.lost.push(answered)
    else outcome.retry.push({ key, op, error: new SyncError('CONFLICT', 'the store has a newer revision, which this version of the app cannot take', { retryable: true }) })
  }
}

/** The version up to which the feed is applied in this database, by whichever tab. */
export async function storedCursor({ db }: EngineContext): Promise<number> {
  return (await db.sync_state.get('cursor') as CursorState | undefined)?.cursor ?? 0
}
