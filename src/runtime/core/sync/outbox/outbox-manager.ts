import { SyncError, toSyncError } from '../../../shared/sync/errors'
import { isBarred } from '../../../shared/sync/is-barred'
import type { PendingOp, PushResult } from '../../../shared/sync/types'
import type { CapturedOp } from '../capture/captured-op'
import type { EngineContext } from '../engine-context'
import type { ConflictResolver } from '../read/conflict-resolver'
import type { RecentOpCache } from '../read/recent-op-cache'
import { freshReply } from '../fresh-reply'
import { untilAborted } from '../until-aborted'
import { BatchSource } from './batch-source'
import { checkPushReply } from './check-push-reply'
import type { CollectedBatch, CollectedOp } from './collect-batch'
import { mendStamps } from './mend-stamps'
import { PushFate } from './push-fate'
import { PushTiming } from './push-timing'
import { settlePush, type AnsweredOp, type SettleOutcome } from './settle-push'
import { tidyOutbox } from './tidy-outbox'

export interface OutboxManagerOptions {
  context: EngineContext
  resolver: ConflictResolver
  echoes: RecentOpCache
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

/**
 * Sends the outbox, one batch in flight. An entry leaves only when what was acknowledged is its latest; transient failures
 * are retried for ever with back-off, refusals go to the dead letter one by one.
 */
export class OutboxManager {
  readonly #source: BatchSource
  readonly #timing: PushTiming
  readonly #fate: PushFate
  readonly #attempts = new Map<string, number>()
  #running = false
  #stopping = new AbortController()
  #run: Promise<void> | null = null
  #again = false
  /** Woken while a push was under way: should that one fail, the next does not wait. */
  #woken = false

  constructor(private readonly options: OutboxManagerOptions) {
    const { context } = options
    const { env } = context
    this.#timing = new PushTiming({ env, onDue: () => this.#wake() })
    this.#source = new BatchSource({ context, timing: this.#timing, onCollected: batch => this.#tidy(batch) })
    this.#fate = new PushFate({ env, isRunning: () => this.#running, pushesDone: async () => { await this.#run }, flush: () => this.flush() })
  }

  get isBusy(): boolean {
    return this.#run !== null
  }

  start(): void {
    this.#running = true
    this.#stopping = new AbortController()
    this.#fate.begin()
    this.wake()
  }

  /** Stops sending, without waiting for an answer that may never come. */
  async stop(): Promise<void> {
    this.#running = false
    this.#timing.stop()
    // A push that is under way may arrive; whether it did shows when it is sent again.
    this.#stopping.abort(new SyncError('NETWORK_ERROR', 'sync was stopped'))
    this.#fate.stop()
    await this.#run
    this.#source.clear()
  }

  /** Edits of this tab have committed. */
  committed(ops: readonly CapturedOp[]): void {
    this.#source.committed(ops)
    this.#wake()
  }

  /** Something may be due. With `now`, waiting times no longer count: the network is back, or somebody asked. */
  wake(now = false): void {
    // Whoever calls may know of entries that did not come through here.
    this.#source.lookAgain()
    if (now && this.#running) this.#hurry()
    else this.#wake()
  }

  /**
   * The page may be gone in a moment, and no database answers by then: what waits in memory is handed to the provider before this
   * returns. Everything else stays in the outbox.
   */
  leave(): void {
    if (this.#running) this.#source.leave(() => this.#hurry())
  }

  #hurry(): void {
    this.#timing.hurry()
    this.#woken = this.#run !== null
    this.#wake()
  }

  #wake(): void {
    if (!this.#running || this.#timing.isPaused) return
    if (this.#run) { this.#again = true; return }
    this.#run = this.#drain().finally(() => {
      this.#run = null
      this.options.onChanged()
    })
  }

  /** Sends what is due, now; resolves when it was sent or has to wait. */
  async flush(): Promise<void> {
    this.wake(true)
    await this.#run
  }

  /** See {@link PushFate.settled}. */
  async settled(keys: readonly string[]): Promise<void> {
    await this.#fate.settled(keys)
  }

  /** See {@link PushFate.landed}. */
  async landed(): Promise<void> {
    await this.#fate.landed()
  }

  attemptsOf(opId: string): number {
    return this.#attempts.get(opId) ?? 0
  }

  async #drain(): Promise<void> {
    try {
      do {
        this.#again = false
        while (this.#running && await this.#pushNext()) { /* one batch after the other */ }
      } while (this.#again && this.#running && !this.#timing.isPaused)
    }
    catch (thrown) {
      // The database failed, not the network: try again later, and say so.
      this.#backOff(toSyncError(thrown))
    }
  }

  /** @returns whether to go on at once. */
  async #pushNext(): Promise<boolean> {
    const next = this.#source.next()
    const batch = next instanceof Promise ? await next : next
    if (!batch || !this.#running) return false
    if (!batch.ops.length) {
      if (batch.refused.length + batch.misstamped.length) return true
      // What could not be sent has left the outbox another way: nothing is wrong any more.
      this.options.onHealth(null)
      this.#fate.nothingLeft()
      this.#timing.awaitDeferred()
      return false
    }
    if (this.#timing.mayPush(batch.more)) return await this.#push(batch)
    this.#source.putBack(batch)
    return false
  }

  /** What the outbox holds beside a batch: edits that cannot be sent, entries that stand for nothing, holds that changed. */
  async #tidy(batch: CollectedBatch): Promise<void> {
    if (batch.refused.length) await this.#refuse(batch.refused)
    if (batch.misstamped.length) await mendStamps(this.options.context, batch)
    if (await tidyOutbox(this.options.context.db, batch)) this.options.onChanged()
  }

  async #push(batch: CollectedBatch): Promise<boolean> {
    const { context, onHealth } = this.options
    const { scope, provider, hooks, env } = context
    const ops = batch.ops.map(({ op }) => op)
    this.#fate.sent(batch.ops)
    for (const { op } of batch.ops) {
      this.#attempts.set(op.stamp.opId, this.attemptsOf(op.stamp.opId) + 1)
      op.attempts = this.attemptsOf(op.stamp.opId)
    }
    hooks.doAction('sync.push:action:before', { scope, count: ops.length })
    const mark = context.heard.current
    let result: PushResult
    try {
      result = checkPushReply(await freshReply(env.clock, () => untilAborted(provider.push({ scope, ops, ...(mark === undefined ? {} : { mark }) }), this.#stopping.signal)), ops)
    }
    catch (thrown) {
      this.#lost(batch)
      return await this.#pushFailed(batch, toSyncError(thrown))
    }
    context.heardFrom(result)
    const answered = batch.ops.map((sent, index): AnsweredOp => ({ ...sent, result: result.results[index]! }))
    const outcome = await settlePush(context, this.options.resolver, answered, { ...batch, mark: result.restored ? undefined : result.mark }, opId => this.attemptsOf(opId)).catch((error) => {
      this.#lost(batch)
      throw error
    })
    this.#fate.answered(batch.ops)
    if (outcome.acknowledged.length < answered.length) this.#source.notAllTaken()
    this.#timing.succeeded()
    this.#source.grow()
    onHealth(null)
    this.#report(outcome)
    if (result.restored) this.options.onRestored()
    const failCount = outcome.refused.length + outcome.retry.length
    hooks.doAction('sync.push:action:after', { scope, successCount: ops.length - failCount, failCount })
    return true
  }

  /** Nobody knows whether it arrived. */
  #lost(batch: CollectedBatch): void {
    this.#source.notAllTaken()
    this.#fate.lost(batch.ops)
  }

  #report(outcome: SettleOutcome): void {
    const { context, echoes, onChanged, onSettled, onPullNeeded } = this.options
    for (const answered of outcome.acknowledged) {
      const { op } = answered
      // What was given up here is not: it has to be taken when it comes back.
      if (!outcome.unawaited.includes(answered)) echoes.remember(op.tableName, op.pk, op.stamp)
      this.#forget(op)
    }
    for (const { op, error } of outcome.retry) {
      const attempt = this.attemptsOf(op.stamp.opId)
      const nextAttemptAt = this.#timing.defer(op.stamp.opId, attempt, error.retryAfter)
      context.hooks.doAction('sync.retry:action', { op, attempt, nextAttemptAt })
      context.hooks.doAction('sync.error:action', { op, error, code: error.code, permanent: false })
    }
    for (const { op, error } of outcome.refused) {
      this.#forget(op)
      context.hooks.doAction('sync.error:action', { op: { ...op, status: 'failed' }, error, code: error.code, permanent: true })
    }
    onSettled(outcome)
    onChanged()
    if (outcome.needsPull) onPullNeeded()
  }

  /** The request as a whole failed. @returns whether to go on at once, with a smaller batch. */
  async #pushFailed(batch: CollectedBatch, error: SyncError): Promise<boolean> {
    const { context } = this.options
    if (!this.#running) return false
    const tooMuch = error.code === 'OVERSIZED' || (error.code === 'VALIDATION_ERROR' && !error.retryable)
    if (tooMuch && batch.ops.length > 1) {
      this.#source.shrink(batch)
      return true
    }
    // Edits made before the role changed, or the membership ended: they cannot be sent, and they are not thrown away.
    if (tooMuch || error.code === 'READ_ONLY' || isBarred(error)) {
      await this.#refuse(batch.ops.map(op => ({ ...op, error })))
      if (isBarred(error)) this.options.onBarred(error)
      return true
    }
    this.#source.putBack(batch)
    this.#backOff(error, batch.ops.map(({ op }) => op))
    context.hooks.doAction('sync.push:action:after', { scope: context.scope, successCount: 0, failCount: batch.ops.length })
    return false
  }

  #backOff(error: SyncError, ops: PendingOp[] = []): void {
    const { context, onHealth } = this.options
    const delay = this.#timing.failed(error.retryAfter)
    const nextAttemptAt = context.env.clock.now() + delay
    onHealth(error)
    for (const op of ops) context.hooks.doAction('sync.retry:action', { op, attempt: op.attempts, nextAttemptAt })
    context.hooks.doAction('sync.error:action', { op: ops[0], error, code: error.code, permanent: false })
    if (this.#woken) this.#again = true
    else if (this.#running) this.#timing.pause(delay)
    this.#woken = false
  }

  async #refuse(refused: readonly (CollectedOp & { error: SyncError })[]): Promise<void> {
    const { context, resolver } = this.options
    const answered = refused.map(({ key, op, error }): AnsweredOp => ({ key, op, isFinal: true, result: { opId: op.stamp.opId, success: false, errorCode: error.code, error: error.message } }))
    const outcome = await settlePush(context, resolver, answered, { recordIds: [], whole: false }, opId => this.attemptsOf(opId))
    this.#report(outcome)
  }

  #forget(op: PendingOp): void {
    this.#source.forget(op.stamp.opId)
    this.#attempts.delete(op.stamp.opId)
    this.#timing.forget(op.stamp.opId)
  }
}
