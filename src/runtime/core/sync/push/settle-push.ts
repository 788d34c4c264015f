import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import { SyncError } from '../../../shared/sync/protocol/errors'
import type { PushOpResult, PushResult, StoredRevision, SyncChange, WireErrorCode } from '../../../shared/sync/protocol/types'
import { toLocalRow } from '../../../shared/sync/rows/validate-payload'
import type { ConflictRecord, ConflictSide, OutboxFailure } from '../records/engine-records'
import { inTurn } from '../records/in-turn'
import type { EngineContext } from '../context/engine-context'
import { remoteBeside } from '../decide/beside-refused'
import { decideAnswer, decideEntry } from '../decide/decide-answer'
import type { ConflictResolver } from '../merge/conflict-resolver'
import { keepConflicts, type MetEdits } from '../merge/keep-conflicts'
import { asChange, readRemoteChanges } from '../merge/remote-change'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { batchTransaction } from './batch-transaction'
import type { CollectedBatch, CollectedOp } from './collect-batch'
import type { OutboxView } from '../queue/outbox-view'
import type { PushAttempts } from './push-attempts'
import type { UnreachedWinners } from './unreached-winners'
import { markTombstonesSynced, noteConfirmation, notePushed } from './note-answers'
import { restampEdit, type Restamp } from './restamp-edit'
import { fillFromQuarantine, leaveWinners, readSuccessors, sortLosers, storedCursor, type Winner } from './settle-winners'

/** A sent op with the store's answer to it. */
export interface AnsweredOp extends CollectedOp {
  result: PushOpResult
  /** The op is refused for good, even if its error code alone would allow a retry. */
  isFinal?: boolean
  /** The local row, if the op has no payload. */
  row?: Record<string, unknown>
}

export interface SettleOutcome {
  /** Edits that the store has. */
  acknowledged: AnsweredOp[]
  /** Those of `acknowledged` that had left the outbox before. The user may have discarded them. */
  unawaited: AnsweredOp[]
  /** Edits that lost to a higher revision in the store. */
  lost: CollectedOp[]
  /** Edits that lost to a revision which this device has not reached. They wait in the outbox for the level step that brings it. */
  unreached: LostToUnreached[]
  /** Edits that are dead letters now. */
  refused: (CollectedOp & { error: SyncError })[]
  /** Edits that will be sent again unchanged. */
  retry: (CollectedOp & { error: SyncError })[]
  /** Edits that got a new revision, and will be sent with it. */
  restamped: CollectedOp[]
  /** Conflicts that were stored for the first time. */
  conflicts: ConflictRecord[]
  /** The reply left out a winner's payload, so the feed has to be pulled. */
  needsPull: boolean
}

export interface LostToUnreached extends CollectedOp {
  winner: SyncChange
}

/** What settling needs of the rest of the engine. */
export interface SettleParts {
  resolver: ConflictResolver
  attempts: Pick<PushAttempts, 'of'>
  unreached: Pick<UnreachedWinners, 'isReached'>
}

/** The batch that was answered. */
export interface SentBatch extends Pick<CollectedBatch, 'recordIds' | 'whole' | 'incarnation'>, Pick<PushResult, 'mark'> {
  /** The marks that the request sent to the store. */
  asked?: string
  /** Whether another tab has ended a walk since the request was sent. `walks`: see `CursorState.walks`. Absent: nothing was sent. */
  isWalkedSince?: (walks: number) => boolean
}

/** The answers of one batch, sorted by what has to be done. */
interface Sorted {
  outcome: SettleOutcome
  /** Higher revisions in the store, to be merged. */
  winners: Winner[]
  /** Revisions that our edits replaced in the store without knowing them. */
  overwrote: { answered: AnsweredOp, change: SyncChange }[]
  failures: { key: string, answered: CollectedOp, failure: OutboxFailure }[]
  restamps: Restamp[]
  /** This device's clock was too far ahead. New revisions have to start from the store's time. */
  skewed: boolean
}

const ENGINE_SCOPE = [ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones, ENGINE_TABLES.conflicts, ENGINE_TABLES.quarantine, ENGINE_TABLES.state]

/**
 * Stores the answers to a batch in the local database, in one transaction:
 *
 * - Acknowledged edits leave the outbox, but only up to the revision that was sent.
 * - Winners are merged, and losers are kept as conflicts.
 * - Refused edits become dead letters.
 *
 * @throws BatchOutlivedError if the database that the batch was read from is gone. Then nothing is stored.
 * @throws WalkedSinceError if another tab has ended a walk since the batch was sent. Then nothing is stored, either.
 */
export async function settlePush(context: EngineContext, parts: SettleParts, answered: readonly AnsweredOp[], batch: SentBatch): Promise<SettleOutcome> {
  const { whole, mark, asked, isWalkedSince } = batch
  const sorted = sortAnswers(context, answered, parts)
  const { outcome } = sorted
  const told = [...sorted.winners, ...sorted.overwrote, ...sorted.failures, ...sorted.restamps]
  const isTaken = outcome.acknowledged.length === answered.length && answered.every(({ result }) => result.applied === true)
  if (!told.length && whole && isTaken && await takeWhole(context, answered, batch)) return outcome
  const refused = await readRefused(context, outcome.acknowledged)
  sorted.winners.push(...refused.flatMap(({ answered, remote }) => remote ? [{ answered, change: remote }] : []))
  // If every op was simply taken, only the engine's tables are locked. The app can go on writing to its own.
  const quiet = !told.length && !sorted.winners.length
  const tables = quiet ? ENGINE_SCOPE : [...ENGINE_SCOPE, ...context.appTables.map(table => table.name)]
  for (const { change } of [...sorted.winners, ...sorted.overwrote]) context.hlc.receive(change.stamp.hlc)
  await batchTransaction(context, batch, tables, async () => {
    await notePushed(context, answered, isWalkedSince)
    const view = await context.outbox.view(answered.map(({ key }) => key))
    takeOut(sorted, view)
    for (const { key, failure, answered: { op } } of sorted.failures) {
      if (decideEntry('refused', view.answered(key, op.stamp.opId)) === 'fail') view.fail(key, failure)
      else view.supersede(key, op.stamp)
    }
    if (sorted.skewed) context.resetClock()
    await inTurn(sorted.restamps, restamp => restampEdit(context, view, restamp))
    sorted.winners = await fillFromQuarantine(context, sorted.winners)
    // Most batches have no winners, and need not read the cursor.
    const left = sorted.winners.length ? leaveWinners(sorted, view, parts.unreached, await storedCursor(context)) : new Set<string>()
    const met = readRemoteChanges(context, sorted.winners.map(({ change }) => change)).filter(({ tableName, pk }) => !left.has(recordKey(tableName, pk)))
    if (met.length) outcome.conflicts.push(...(await parts.resolver.merge(met, view, { hasQuarantine: true, hasUnconfirmed: true })).conflicts)
    const successors = await readSuccessors(context, sorted, view, left)
    if (successors.length) outcome.conflicts.push(...(await parts.resolver.merge(readRemoteChanges(context, successors), view, { hasQuarantine: true, hasUnconfirmed: true, wereSetAside: true })).conflicts)
    sortLosers(sorted, view, left)
    outcome.conflicts.push(...await keepOverwritten(context, sorted))
    await noteConfirmation(context, outcome.acknowledged)
    await markTombstonesSynced(context, outcome.acknowledged)
    await context.outbox.save(view)
    await context.db.sync_state.put({ id: 'hlc', hlc: context.hlc.last() ?? '' })
    await context.heard.note(context.db, mark, asked)
  })
  return outcome
}

/** Thrown in `takeWhole` to roll its transaction back, if the batch turns out not to be the common case. */
const NOT_WHOLE = new Error('the batch is not what the outbox holds')

/**
 * The fast way for the common case: the batch consists of whole outbox records, every op was taken, and all records are still in the outbox. Then
 * the records can be removed without being read. All requests to IndexedDB are made at once, because the app's own writes wait meanwhile.
 *
 * @returns whether it was the common case. If not, nothing was changed.
 */
async function takeWhole(context: EngineContext, answered: readonly AnsweredOp[], batch: SentBatch): Promise<boolean> {
  const { recordIds, mark, asked, isWalkedSince } = batch
  const { db: { pending_ops, sync_state }, outbox } = context
  if (!recordIds.length || answered.some(({ op }) => op.operation === 'delete')) return false
  const [first, last] = [Math.min(...recordIds), Math.max(...recordIds)]
  return await batchTransaction(context, batch, [ENGINE_TABLES.pendingOps, ENGINE_TABLES.state], async () => {
    const [, found] = await Promise.all([
      outbox.refresh(), pending_ops.where(':id').between(first, last, true, true).count(), outbox.remove(recordIds),
      sync_state.put({ id: 'hlc', hlc: context.hlc.last() ?? '' }), notePushed(context, answered, isWalkedSince), context.heard.note(context.db, mark, asked),
    ])
    if (outbox.refusedAmong(answered.map(({ key }) => key)).length || found !== recordIds.length) throw NOT_WHOLE
    return true
  }).catch((error: unknown) => {
    if (error !== NOT_WHOLE) throw error
    return false
  })
}

/**
 * Finds acknowledged edits of records that have a dead letter. Another tab has sent the same edit later, and was refused. The dead letter is
 * removed now, and with it the store's revision that was noted in it. The feed does not send that revision again, so it has to be merged.
 */
async function readRefused({ db, outbox }: EngineContext, acknowledged: readonly AnsweredOp[]): Promise<RefusedElsewhere[]> {
  return await db.transaction('r!', db.pending_ops, async () => {
    const view = await outbox.view(acknowledged.map(({ key }) => key))
    return acknowledged.flatMap((answered) => {
      const { record } = view.failed(answered.key) ?? {}
      const { tableName, pk } = answered.op
      if (!record) return []
      const remote = record.failure && remoteBeside(record.failure)
      return [{ answered, remote: remote && asChange(tableName, pk, remote) }]
    })
  })
}

interface RefusedElsewhere { answered: AnsweredOp, remote: SyncChange | undefined }

function sortAnswers(context: EngineContext, answered: readonly AnsweredOp[], parts: SettleParts): Sorted {
  const sorted: Sorted = {
    outcome: { acknowledged: [], unawaited: [], lost: [], unreached: [], refused: [], retry: [], restamped: [], conflicts: [], needsPull: false },
    winners: [], overwrote: [], failures: [], restamps: [], skewed: false,
  }
  for (const answer of answered) sortAnswer(context, sorted, answer, parts)
  return sorted
}

function sortAnswer(context: EngineContext, sorted: Sorted, answer: AnsweredOp, { attempts }: SettleParts): void {
  const { key, op, result, isFinal } = answer
  const { outcome } = sorted
  const changeOf = (revision: StoredRevision) => ({ answered: answer, change: asChange(op.tableName, op.pk, revision) })
  const decision = decideAnswer(op, { ...result, isFinal })
  if ('overwritten' in decision) sorted.overwrote.push(...decision.overwritten.map(changeOf))
  switch (decision.kind) {
    case 'taken':
      outcome.acknowledged.push(answer)
      if (decision.winner) sorted.winners.push(changeOf(decision.winner))
      return
    case 'raise':
      sorted.restamps.push({ key, op, clock: decision.clock, base: decision.base })
      outcome.restamped.push(answer)
      return
    case 'pull':
      outcome.needsPull = true
      sorted.winners.push({ ...changeOf(decision.winner), lacksRow: true })
      return
    case 'lost':
      sorted.winners.push(changeOf(decision.winner))
      return
    case 'retry':
      outcome.retry.push({ key, op, error: refusalOf(result, { retryable: true }) })
      return
    case 'restamp':
      sorted.skewed = true
      sorted.restamps.push({ key, op, clock: decision.clock, base: undefined })
      outcome.restamped.push({ key, op })
      return
    case 'refused': {
      const error = refusalOf(result, { retryable: false })
      const known = { code: codeOf(result), message: error.message, attempts: attempts.of(key, op.stamp.opId), remote: decision.remote }
      sorted.failures.push({ key, answered: { key, op }, failure: failureOf(context, answer, known) })
      outcome.refused.push({ key, op, error })
    }
  }
}

const codeOf = ({ errorCode = 'UNKNOWN' }: PushOpResult): WireErrorCode => errorCode

function refusalOf(result: PushOpResult, { retryable }: { retryable: boolean }): SyncError {
  const code = codeOf(result)
  return new SyncError(code, result.error ?? code, { retryable })
}

function failureOf({ schema, env }: EngineContext, { op, row }: AnsweredOp, known: Pick<OutboxFailure, 'code' | 'message' | 'attempts' | 'remote'>): OutboxFailure {
  const table = schema.tables[op.tableName]
  return { failedAt: env.clock.now(), row: table && op.payload ? toLocalRow(table, op.payload) : row, ...known }
}

/** Removes acknowledged edits from the outbox. */
function takeOut({ outcome }: Sorted, view: OutboxView): void {
  const fates = outcome.acknowledged.map(answered => ({ answered, fate: decideEntry('taken', view.answered(answered.key, answered.op.stamp.opId)) }))
  outcome.unawaited = fates.flatMap(({ answered, fate }) => fate === 'unawaited' ? [answered] : [])
  for (const { answered: { key, op }, fate } of fates) if (fate === 'remove') view.removeUpTo(key, op.stamp)
}

/** Keeps a conflict for each revision that our edits replaced in the store without knowing it. The local edit has won. */
async function keepOverwritten(context: EngineContext, { overwrote }: Sorted): Promise<ConflictRecord[]> {
  const met = overwrote.flatMap(({ answered: { op }, change }): MetEdits[] => {
    const [remote] = readRemoteChanges(context, [change])
    const table = context.schema.tables[op.tableName]
    if (!remote || !table) return []
    const local: ConflictSide = {
      op: op.operation, row: op.payload && toLocalRow(table, op.payload),
      clock: op.stamp.clock, hlc: op.stamp.hlc, opId: op.stamp.opId, deviceId: op.stamp.deviceId,
    }
    return [{ winner: 'local', local, remote }]
  })
  return await keepConflicts(context, met)
}
