import { toWireError, type SyncError, type WireError } from '../../../shared/sync/protocol/errors'
import { isBarred, RETRY_POLICY } from '../../../shared/sync/protocol/retry-policy'
import type { PendingOp, PushResult } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'
import type { ConflictResolver } from '../merge/conflict-resolver'
import type { RecentOpCache } from '../progress/recent-op-cache'
import type { BatchSource } from './batch-source'
import { WalkedSinceError } from './batch-transaction'
import type { CollectedBatch, CollectedOp, GroupSplit, RefusedOp } from './collect-batch'
import { FaultFinder } from './fault-finder'
import { mendStamps } from './mend-stamps'
import { PushAttempts } from './push-attempts'
import type { PushFate } from './push-fate'
import type { PushTiming } from './push-timing'
import { sendBatch } from './send-batch'
import { setAside } from './set-aside'
import { settlePush, type AnsweredOp, type SentBatch, type SettleOutcome, type SettleParts } from './settle-push'
import { storeAnswers } from './store-answers'
import { tidyOutbox } from './tidy-outbox'
import { turnPrivate } from './turn-private'
import type { UnreachedWinners } from './unreached-winners'

/** Callbacks about what became of a push. */
export interface PushListeners {
  /** The outbox changed: its counts may be out of date. */
  onChanged: () => void
  /** A push failed as a whole. Null: a push went through, or nothing is left to send. */
  onHealth: (error: SyncError | null) => void
  /** The store no longer lets this user into the workspace. */
  onBarred: (error: SyncError) => void
  /** A reply left out a winner's row: it has to be pulled. */
  onPullNeeded: () => void
  /** A reply says that the store was restored from a backup. */
  onRestored: () => void
  /** The answers to a batch are stored in the local database. */
  onSettled: (outcome: SettleOutcome) => void
}

export interface BatchPusherOptions extends PushListeners {
  context: EngineContext
  resolver: ConflictResolver
  echoes: RecentOpCache
  source: BatchSource
  timing: PushTiming
  fate: PushFate
  unreached: UnreachedWinners
  /** False once sending was stopped: batches and failures that come later are ignored. */
  isSending: () => boolean
  /** The signal for requests. It aborts when sending is stopped. */
  signal: () => AbortSignal
  /** Nothing may be sent for `delay` milliseconds. `isOrdered`: the store or the circuit breaker asked for this time. */
  onPause: (delay: number, isOrdered: boolean) => void
  /** See `CursorManager.endedElsewhere`. */
  endedElsewhere: (walks?: number) => number
  /** See `LeadFence.checkStored`. */
  checkLead: () => Promise<void>
}

/** Sends batches and handles their answers: acknowledged edits leave the outbox, refused ones go to the dead letter, others wait for another try. */
export class BatchPusher {
  readonly #faults: FaultFinder
  readonly #attempts = new PushAttempts()
  readonly #parts: SettleParts
  /** Since the last success, a push has failed because of an outage, and not because of its batch. */
  #isOut = false
  /** What the database said of the walks that have ended, when this tab did not know of all of them. */
  #told = { walks: 0, incarnation: -1 }

  constructor(private readonly options: BatchPusherOptions) {
    const { context, resolver, unreached, source, signal } = options
    this.#parts = { resolver, unreached, attempts: this.#attempts }
    this.#faults = new FaultFinder({ size: source.size, link: source.link, storeAnswers: () => storeAnswers(context, signal()) })
  }

  /** How often this tab has sent the edit. */
  attemptsOf(key: string, opId: string): number {
    return this.#attempts.of(key, opId)
  }

  /** Sends the next batch. @returns whether to try another one at once. */
  async pushNext(): Promise<boolean> {
    const { context, source, timing, fate, isSending, onHealth } = this.options
    const next = source.next()
    const batch = next instanceof Promise ? await next : next
    if (!batch || !isSending()) return false
    if (batch.split) this.#announceSplit(batch.split)
    // These have another revision now, and go in the same push as the rest of their groups.
    if (batch.misstamped.length + batch.retracted.length) return true
    if (!batch.ops.length) {
      if (batch.refused.length) return true
      // Nothing can be sent now, so the error of an earlier push no longer counts: its edits have left the outbox some other way, or wait.
      onHealth(null)
      fate.nothingToSend(batch)
      if (!batch.waiting) this.#attempts.clear()
      timing.awaitDeferred()
      return false
    }
    const wait = context.breakers.push.waitMs
    if (wait > 0) timing.pause(wait, { isOrdered: true })
    else if (timing.mayPush(batch.more)) return await this.#push(batch)
    source.putBack(batch)
    return false
  }

  /**
   * Stores what reading the outbox has shown besides the batch: edits that the store would refuse, malformed stamps, rows that became private,
   * obsolete entries, changed holds.
   */
  async tidy(batch: CollectedBatch): Promise<void> {
    const { context, onChanged, checkLead } = this.options
    if (batch.refused.length) await this.#refuse(batch.refused, batch)
    if (batch.misstamped.length) await mendStamps(context, batch)
    if (batch.retracted.length) await turnPrivate(context, batch)
    if (await tidyOutbox(context, batch, checkLead)) onChanged()
  }

  async #push(batch: CollectedBatch): Promise<boolean> {
    const { context, source, fate, onHealth, onRestored, signal } = this.options
    const { scope, hooks } = context
    const ops = batch.ops.map(({ op }) => op)
    fate.sent(batch.ops)
    for (const { key, op } of batch.ops) op.attempts = this.#attempts.add(key, op.stamp.opId)
    hooks.doAction('sync.push:action:before', { scope, count: ops.length })
    const mark = context.heard.current
    const isWalkedSince = this.#watchWalks(batch)
    let result: PushResult
    try { result = await sendBatch(context, ops, { mark, signal: signal() }) }
    catch (thrown) {
      const error = toWireError(thrown)
      source.notAllTaken()
      if (RETRY_POLICY[error.code].isUnapplied) fate.unapplied()
      else fate.lost(batch.ops)
      return await this.#pushFailed(batch, error)
    }
    context.heardFrom(result)
    const outcome = await this.#settle(batch, result, { asked: mark, isWalkedSince })
    if (!outcome) {
      hooks.doAction('sync.push:action:after', { scope, successCount: 0, failCount: ops.length })
      return true
    }
    this.#succeeded(batch)
    onHealth(null)
    this.#report(outcome)
    if (result.restored) onRestored()
    const failCount = outcome.refused.length + outcome.retry.length
    hooks.doAction('sync.push:action:after', { scope, successCount: ops.length - failCount, failCount })
    return true
  }

  /** @returns a function that says by `CursorState.walks` whether another tab has ended a walk since now. */
  #watchWalks({ incarnation }: CollectedBatch): (walks: number) => boolean {
    const { endedElsewhere } = this.options
    const known = endedElsewhere()
    const now = this.#told.incarnation === incarnation ? Math.max(known, endedElsewhere(this.#told.walks)) : known
    return walks => endedElsewhere(walks) !== now
  }

  /** @returns null when the answer cannot be used, and the edits have to be sent again. */
  async #settle(batch: CollectedBatch, result: PushResult, sent: Pick<SentBatch, 'asked' | 'isWalkedSince'>): Promise<SettleOutcome | null> {
    const { context, source, fate } = this.options
    const answered = batch.ops.map((sent, index): AnsweredOp => ({ ...sent, result: result.results[index]! }))
    let outcome: SettleOutcome
    try { outcome = await settlePush(context, this.#parts, answered, { ...batch, ...sent, mark: result.restored ? undefined : result.mark }) }
    catch (error) {
      source.notAllTaken()
      fate.lost(batch.ops)
      if (!(error instanceof WalkedSinceError)) throw error
      this.#told = { walks: error.walks, incarnation: batch.incarnation }
      return null
    }
    fate.answered(batch.ops, batch)
    if (outcome.acknowledged.length < answered.length) source.notAllTaken()
    return outcome
  }

  #succeeded(batch: CollectedBatch): void {
    const { timing } = this.options
    timing.succeeded()
    if (!batch.ops[0]!.aside) this.#faults.passed(batch.ops.length, batch.more)
    // The way to the store may have changed with the outage: edits that wait aside are tried again.
    if (this.#isOut) timing.releaseAside()
    this.#isOut = false
  }

  #report(outcome: SettleOutcome): void {
    const { context: { hooks }, echoes, timing, unreached, onChanged, onSettled, onPullNeeded } = this.options
    for (const answered of outcome.acknowledged) {
      const { op } = answered
      // An edit that had left the outbox before may have been given up here. When it comes back with the feed, it has to be applied, not skipped as an echo.
      if (!outcome.unawaited.includes(answered)) echoes.remember(op.tableName, op.pk, op.stamp)
      this.#forget(answered)
    }
    for (const gone of [...outcome.lost, ...outcome.restamped]) this.#forget(gone)
    for (const { op, winner } of outcome.unreached) unreached.add(op.stamp, winner)
    for (const { key, op, error } of outcome.retry) {
      const attempt = this.attemptsOf(key, op.stamp.opId)
      const nextAttemptAt = timing.defer(op.stamp.opId, attempt, error.retryAfter)
      hooks.doAction('sync.retry:action', { op, attempt, nextAttemptAt })
      hooks.doAction('sync.error:action', { op, error, code: error.code, permanent: false })
    }
    for (const refused of outcome.refused) {
      const { op, error } = refused
      this.#forget(refused)
      hooks.doAction('sync.error:action', { op: { ...op, status: 'failed' }, error, code: error.code, permanent: true })
    }
    onSettled(outcome)
    onChanged()
    if (outcome.needsPull) onPullNeeded()
  }

  /** The request as a whole failed. @returns whether to go on at once, with another batch. */
  async #pushFailed(batch: CollectedBatch, error: WireError): Promise<boolean> {
    const { context, source, timing, isSending, onBarred, onHealth, onChanged } = this.options
    if (!isSending()) return false
    const finding = batch.ops[0]!.aside ? await this.#faults.judgeAlone(error) : await this.#faults.judge({ ops: batch.ops.length, isOneGroup: batch.isOneGroup }, error)
    if (!isSending()) return false
    switch (finding.kind) {
      case 'again':
        return true
      case 'cut':
        this.#announceSplit(source.cut(batch))
        if (!finding.isSlow) return true
        this.#wait(batch, error)
        return false
      case 'refuse':
        // For example edits from before the user lost the right to write. They cannot be sent, and the dead letter keeps them.
        await this.#refuse(batch.ops.map(op => ({ ...op, error })), batch)
        if (isBarred(error)) onBarred(error)
        return true
      case 'aside':
        await setAside(context, timing, batch, error)
        // The store has just answered an empty push: the connection works.
        if (!batch.ops[0]!.aside) onHealth(null)
        onChanged()
        return true
      case 'wait':
        this.#isOut ||= finding.isOutage
        source.putBack(batch)
        this.#wait(batch, error)
        return false
    }
  }

  #wait({ ops }: CollectedBatch, error: WireError): void {
    const { hooks, scope } = this.options.context
    this.backOff(error, ops.map(({ op }) => op))
    hooks.doAction('sync.push:action:after', { scope, successCount: 0, failCount: ops.length })
  }

  #announceSplit({ ops, parts }: GroupSplit): void {
    const { hooks, scope } = this.options.context
    hooks.doAction('sync.push:action:split', { scope, ops, parts })
  }

  /** Waits before the next push, longer with each failure. `ops`: the ops that failed. */
  backOff(error: SyncError, ops: PendingOp[] = []): void {
    const { context: { env, hooks, breakers }, timing, onHealth, onPause } = this.options
    const rest = breakers.push.waitMs
    const delay = Math.max(timing.failed(error.retryAfter), rest)
    onHealth(error)
    for (const op of ops) hooks.doAction('sync.retry:action', { op, attempt: op.attempts, nextAttemptAt: env.clock.now() + delay })
    hooks.doAction('sync.error:action', { op: ops[0], error, code: error.code, permanent: false })
    onPause(delay, error.retryAfter !== undefined || rest > 0)
  }

  async #refuse(refused: readonly RefusedOp[], { incarnation }: CollectedBatch): Promise<void> {
    const { context } = this.options
    const answered = refused.map(({ key, op, error, row }): AnsweredOp => ({ key, op, row, isFinal: true, result: { opId: op.stamp.opId, success: false, errorCode: toWireError(error).code, error: error.message } }))
    const outcome = await settlePush(context, this.#parts, answered, { recordIds: [], whole: false, incarnation })
    this.#report(outcome)
  }

  #forget({ key, op: { stamp } }: CollectedOp): void {
    this.options.source.forget(key, stamp)
    this.#attempts.forget(key, stamp.opId)
    this.options.timing.forget(stamp.opId)
    this.options.unreached.forget(stamp.opId)
  }
}
