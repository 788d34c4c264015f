import { toSyncError, type SyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/is-barred'
import type { PendingOp, PushResult } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'
import type { ConflictResolver } from '../merge/conflict-resolver'
import type { RecentOpCache } from '../progress/recent-op-cache'
import { isUnapplied } from '../transport/retry-policy'
import type { BatchSource } from './batch-source'
import type { CollectedBatch, CollectedOp, RefusedOp } from './collect-batch'
import { FaultFinder } from './fault-finder'
import { mendStamps } from './mend-stamps'
import { PushAttempts } from './push-attempts'
import type { PushFate } from './push-fate'
import type { PushTiming } from './push-timing'
import { sendBatch } from './send-batch'
import { setAside } from './set-aside'
import { settlePush, type AnsweredOp, type SettleOutcome } from './settle-push'
import { storeAnswers } from './store-answers'
import { tidyOutbox } from './tidy-outbox'
import { turnPrivate } from './turn-private'

/** Who hears what became of a push. */
export interface PushListeners {
  /** The queue changed: counts may be stale. */
  onChanged: () => void
  /** A push failed as a whole (null: one went through). */
  onHealth: (error: SyncError | null) => void
  /** The store lets this user into the workspace no more. */
  onBarred: (error: SyncError) => void
  /** A reply asked for a pull. */
  onPullNeeded: () => void
  /** A reply says that the store has gone back to an earlier state. */
  onRestored: () => void
  /** A batch's answers are in the database. */
  onSettled: (outcome: SettleOutcome) => void
}

export interface BatchPusherOptions extends PushListeners {
  context: EngineContext
  resolver: ConflictResolver
  echoes: RecentOpCache
  source: BatchSource
  timing: PushTiming
  fate: PushFate
  /** False once sending was stopped: what comes then is of no use. */
  isSending: () => boolean
  /** Of the requests: aborted when sending is stopped. */
  signal: () => AbortSignal
  /** Nothing is sent for so many milliseconds. `isOrdered`: the store, or the circuit breaker, asked for this time. */
  onPause: (delay: number, isOrdered: boolean) => void
}

/** Sends one batch, and does what its answer asks for: entries leave the outbox, wait for another try, or go to the dead letter. */
export class BatchPusher {
  readonly #faults: FaultFinder
  readonly #attempts = new PushAttempts()
  /** The store could not be reached, or could not take anything. */
  #isOut = false

  constructor(private readonly options: BatchPusherOptions) {
    const { context, source, signal } = options
    this.#faults = new FaultFinder({ size: source.size, link: source.link, storeAnswers: () => storeAnswers(context, signal()) })
  }

  /** How often this tab has sent the edit. */
  attemptsOf(key: string, opId: string): number {
    return this.#attempts.of(key, opId)
  }

  /** @returns whether to go on at once. */
  async pushNext(): Promise<boolean> {
    const { context, source, timing, fate, isSending, onHealth } = this.options
    const next = source.next()
    const batch = next instanceof Promise ? await next : next
    if (!batch || !isSending()) return false
    if (!batch.ops.length) {
      if (batch.refused.length + batch.misstamped.length + batch.leaving.length) return true
      // What could not be sent has left the outbox another way: nothing is wrong any more.
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

  /** What the outbox holds beside a batch: edits that cannot be sent, entries that stand for nothing, holds that changed. */
  async tidy(batch: CollectedBatch): Promise<void> {
    const { context, onChanged } = this.options
    if (batch.refused.length) await this.#refuse(batch.refused, batch)
    if (batch.misstamped.length) await mendStamps(context, batch)
    if (batch.leaving.length) await turnPrivate(context, batch)
    if (await tidyOutbox(context, batch)) onChanged()
  }

  async #push(batch: CollectedBatch): Promise<boolean> {
    const { context, source, fate, onHealth, onRestored, signal } = this.options
    const { scope, hooks } = context
    const ops = batch.ops.map(({ op }) => op)
    fate.sent(batch.ops)
    for (const { key, op } of batch.ops) op.attempts = this.#attempts.add(key, op.stamp.opId)
    hooks.doAction('sync.push:action:before', { scope, count: ops.length })
    const mark = context.heard.current
    let result: PushResult
    try { result = await sendBatch(context, ops, { mark, signal: signal() }) }
    catch (thrown) {
      const error = toSyncError(thrown)
      source.notAllTaken()
      if (isUnapplied(error)) fate.unapplied()
      else fate.lost(batch.ops)
      return await this.#pushFailed(batch, error)
    }
    context.heardFrom(result)
    const outcome = await this.#settle(batch, result, mark)
    this.#succeeded(batch)
    onHealth(null)
    this.#report(outcome)
    if (result.restored) onRestored()
    const failCount = outcome.refused.length + outcome.retry.length
    hooks.doAction('sync.push:action:after', { scope, successCount: ops.length - failCount, failCount })
    return true
  }

  async #settle(batch: CollectedBatch, result: PushResult, asked: string | undefined): Promise<SettleOutcome> {
    const { context, resolver, source, fate } = this.options
    const answered = batch.ops.map((sent, index): AnsweredOp => ({ ...sent, result: result.results[index]! }))
    const outcome = await settlePush(context, resolver, answered, { ...batch, asked, mark: result.restored ? undefined : result.mark }, this.#attempts).catch((error) => {
      source.notAllTaken()
      fate.lost(batch.ops)
      throw error
    })
    fate.answered(batch.ops, batch)
    if (outcome.acknowledged.length < answered.length) source.notAllTaken()
    return outcome
  }

  #succeeded(batch: CollectedBatch): void {
    const { timing } = this.options
    timing.succeeded()
    if (!batch.ops[0]!.aside) this.#faults.passed(batch.ops.length, batch.more)
    // The way to the store may be another one now.
    if (this.#isOut) timing.releaseAside()
    this.#isOut = false
  }

  #report(outcome: SettleOutcome): void {
    const { context: { hooks }, echoes, timing, onChanged, onSettled, onPullNeeded } = this.options
    for (const answered of outcome.acknowledged) {
      const { op } = answered
      // What was given up here is not: it has to be taken when it comes back.
      if (!outcome.unawaited.includes(answered)) echoes.remember(op.tableName, op.pk, op.stamp)
      this.#forget(answered)
    }
    for (const gone of [...outcome.lost, ...outcome.restamped]) this.#forget(gone)
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
  async #pushFailed(batch: CollectedBatch, error: SyncError): Promise<boolean> {
    const { context, source, timing, isSending, onBarred, onHealth, onChanged } = this.options
    if (!isSending()) return false
    const finding = batch.ops[0]!.aside ? await this.#faults.judgeAlone(error) : await this.#faults.judge(batch.ops.length, error)
    if (!isSending()) return false
    switch (finding.kind) {
      case 'again':
        return true
      case 'refuse':
        // Edits made before the role changed, or the membership ended: they cannot be sent, and they are not thrown away.
        await this.#refuse(batch.ops.map(op => ({ ...op, error })), batch)
        if (isBarred(error)) onBarred(error)
        return true
      case 'aside':
        await setAside(context, timing, batch, error)
        // The store has answered an empty push.
        if (!batch.ops[0]!.aside) onHealth(null)
        onChanged()
        return true
      case 'wait':
        this.#isOut ||= finding.isOutage
        source.putBack(batch)
        this.backOff(error, batch.ops.map(({ op }) => op))
        context.hooks.doAction('sync.push:action:after', { scope: context.scope, successCount: 0, failCount: batch.ops.length })
        return false
    }
  }

  /** Nothing can be sent for a while. `ops`: what was to be sent. */
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
    const { context, resolver } = this.options
    const answered = refused.map(({ key, op, error, row }): AnsweredOp => ({ key, op, row, isFinal: true, result: { opId: op.stamp.opId, success: false, errorCode: error.code, error: error.message } }))
    const outcome = await settlePush(context, resolver, answered, { recordIds: [], whole: false, incarnation }, this.#attempts)
    this.#report(outcome)
  }

  #forget({ key, op: { stamp } }: CollectedOp): void {
    this.options.source.forget(key, stamp)
    this.#attempts.forget(key, stamp.opId)
    this.options.timing.forget(stamp.opId)
  }
}
