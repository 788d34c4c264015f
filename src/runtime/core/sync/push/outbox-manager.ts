import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/is-barred'
import type { PendingOp, PushResult } from '../../../shared/sync/protocol/types'
import type { CapturedOp } from '../records/captured-op'
import type { EngineContext } from '../context/engine-context'
import type { ConflictResolver } from '../merge/conflict-resolver'
import type { RecentOpCache } from '../state/recent-op-cache'
import { PUSHING, type PushingData } from '../machine/engine-states'
import { StateMachine } from '../machine/state-machine'
import { BatchOutlivedError } from './batch-transaction'
import { BatchSource } from './batch-source'
import type { CollectedBatch, CollectedOp, RefusedOp } from './collect-batch'
import { FaultFinder } from './fault-finder'
import { mendStamps } from './mend-stamps'
import { PushAttempts } from './push-attempts'
import { PushFate } from './push-fate'
import { PushTiming } from './push-timing'
import { isUnapplied } from '../transport/retry-policy'
import { sendBatch } from './send-batch'
import { setAside } from './set-aside'
import { settlePush, type AnsweredOp, type SettleOutcome } from './settle-push'
import { storeAnswers } from './store-answers'
import { tidyOutbox } from './tidy-outbox'
import { turnPrivate } from './turn-private'

export interface OutboxManagerOptions {
  context: EngineContext
  resolver: ConflictResolver
  echoes: RecentOpCache
  /** The queue changed: counts may be stale. */
  onChanged: () => void
  /** Everything that could be sent was: whoever looks finds the counts of now. */
  onRest: () => void
  /** A push failed as a whole (null: one went through). */
  onHealth: (error: SyncError | null) => void
  /** The store lets this user into the workspace no more. */
  onBarred: (error: SyncError) => void
  /** See {@link PushFate}. */
  isAlone: () => boolean
  /** A reply asked for a pull. */
  onPullNeeded: () => void
  /** A reply says that the store has gone back to an earlier state. */
  onRestored: () => void
  /** A batch's answers are in the database. */
  onSettled: (outcome: SettleOutcome) => void
  /** Of some edits it is known now what became of them. See {@link OutboxManager.isUnanswered}. */
  onTold: () => void
}

/**
 * Sends the outbox, one batch in flight. An entry leaves only when what was acknowledged is its latest; transient failures
 * are retried for ever with back-off, refusals go to the dead letter one by one.
 */
export class OutboxManager {
  readonly #source: BatchSource
  readonly #timing: PushTiming
  readonly #fate: PushFate
  readonly #faults: FaultFinder
  readonly #attempts = new PushAttempts()
  readonly #pushing = new StateMachine<typeof PUSHING, PushingData>(PUSHING, { name: 'stopped' })
  #abort = new AbortController()
  /** The store could not be reached, or could not take anything. */
  #isOut = false

  constructor(private readonly options: OutboxManagerOptions) {
    const { context } = options
    const { env } = context
    this.#timing = new PushTiming({ env, onDue: () => this.#wake() })
    this.#fate = new PushFate({ isAlone: options.isAlone, onTold: options.onTold })
    this.#source = new BatchSource({ context, timing: this.#timing, mayHaveArrived: key => this.#fate.isOpen(key), onCollected: batch => this.#tidy(batch) })
    this.#faults = new FaultFinder({ size: this.#source.size, link: this.#source.link, storeAnswers: () => storeAnswers(context, this.#abort.signal) })
  }

  get isBusy(): boolean {
    return this.#round !== null
  }

  start(): void {
    this.#pushing.go('start', {})
    this.#abort = new AbortController()
    this.#fate.begin()
    this.wake()
  }

  /** Stops sending, without waiting for an answer that may never come. */
  async stop(): Promise<void> {
    const round = this.#round
    this.#pushing.go('stop', round ? { done: round } : {})
    this.#timing.stop()
    // A push that is under way may arrive; whether it did shows when it is sent again.
    this.#abort.abort(new SyncError('NETWORK_ERROR', 'sync was stopped'))
    await round
    this.#source.clear()
  }

  /** Edits of this tab have committed. */
  committed(ops: readonly CapturedOp[]): void {
    this.#source.add(ops)
    this.#wake()
  }

  /** Something may be due. With `now`, waiting times no longer count: the network is back, or somebody asked. */
  wake(now = false): void {
    // Whoever calls may know of entries that did not come through here.
    this.#source.lookAgain({ asksHeld: now })
    if (now && this.#isStarted) this.#hurry()
    else this.#wake()
  }

  /**
   * The page may be gone in a moment, and no database answers by then: what waits in memory is handed to the provider before this
   * returns. Everything else stays in the outbox.
   */
  leave(): void {
    if (this.#isStarted && !this.#timing.isOrdered) this.#source.leave(() => this.#hurry())
  }

  #hurry(): void {
    this.#timing.hurry()
    const { state } = this.#pushing
    if (state.name === 'sending') state.isWoken = true
    this.#wake()
  }

  #wake(): void {
    const { state } = this.#pushing
    if (this.#timing.isPaused) return
    if (state.name === 'sending') state.again = true
    if (state.name !== 'resting') return
    let over = () => {}
    const round: PushingData['sending'] = { again: false, isWoken: false, done: new Promise((resolve) => { over = resolve }) }
    this.#pushing.go('due', round)
    void this.#drain(round).finally(() => {
      this.#pushing.go('rest', {})
      this.options.onRest()
      over()
    })
  }

  get #isStarted(): boolean {
    return this.#pushing.is('resting') || this.#isSending
  }

  get #isSending(): boolean {
    return this.#pushing.is('sending')
  }

  /** Resolves when the round under way is over; null: there is none. */
  get #round(): Promise<void> | null {
    const { state } = this.#pushing
    return 'done' in state ? state.done : null
  }

  /** Sends what is due, now; resolves when it was sent or has to wait. */
  async flush(): Promise<void> {
    this.wake(true)
    await this.#round
  }

  /** Whether an edit of the record that still waits may be with the store. */
  isUnanswered(key: string): boolean {
    return this.#fate.isOpen(key)
  }

  /** See {@link PushFate.landed}. */
  async landed(): Promise<void> {
    await this.#fate.landed()
  }

  /** How often this tab has sent the edit. */
  attemptsOf(key: string, opId: string): number {
    return this.#attempts.of(key, opId)
  }

  async #drain(round: PushingData['sending']): Promise<void> {
    try {
      do {
        round.again = false
        while (this.#isSending && await this.#pushNext()) { /* one batch after the other */ }
      } while (round.again && this.#isSending && !this.#timing.isPaused)
    }
    catch (thrown) {
      if (thrown instanceof BatchOutlivedError) return
      // The database failed, not the network: try again later, and say so.
      this.#backOff(toSyncError(thrown))
    }
  }

  /** @returns whether to go on at once. */
  async #pushNext(): Promise<boolean> {
    const next = this.#source.next()
    const batch = next instanceof Promise ? await next : next
    if (!batch || !this.#isSending) return false
    if (!batch.ops.length) {
      if (batch.refused.length + batch.misstamped.length + batch.leaving.length) return true
      // What could not be sent has left the outbox another way: nothing is wrong any more.
      this.options.onHealth(null)
      this.#fate.nothingToSend(batch)
      if (!batch.waiting) this.#attempts.clear()
      this.#timing.awaitDeferred()
      return false
    }
    const wait = this.options.context.breakers.push.waitMs
    if (wait > 0) this.#timing.pause(wait, { isOrdered: true })
    else if (this.#timing.mayPush(batch.more)) return await this.#push(batch)
    this.#source.putBack(batch)
    return false
  }

  /** What the outbox holds beside a batch: edits that cannot be sent, entries that stand for nothing, holds that changed. */
  async #tidy(batch: CollectedBatch): Promise<void> {
    if (batch.refused.length) await this.#refuse(batch.refused, batch)
    if (batch.misstamped.length) await mendStamps(this.options.context, batch)
    if (batch.leaving.length) await turnPrivate(this.options.context, batch)
    if (await tidyOutbox(this.options.context, batch)) this.options.onChanged()
  }

  async #push(batch: CollectedBatch): Promise<boolean> {
    const { context, onHealth } = this.options
    const { scope, hooks } = context
    const ops = batch.ops.map(({ op }) => op)
    this.#fate.sent(batch.ops)
    for (const { key, op } of batch.ops) op.attempts = this.#attempts.add(key, op.stamp.opId)
    hooks.doAction('sync.push:action:before', { scope, count: ops.length })
    const mark = context.heard.current
    let result: PushResult
    try { result = await sendBatch(context, ops, { mark, signal: this.#abort.signal }) }
    catch (thrown) {
      const error = toSyncError(thrown)
      this.#source.notAllTaken()
      if (isUnapplied(error)) this.#fate.unapplied()
      else this.#fate.lost(batch.ops)
      return await this.#pushFailed(batch, error)
    }
    context.heardFrom(result)
    const answered = batch.ops.map((sent, index): AnsweredOp => ({ ...sent, result: result.results[index]! }))
    const outcome = await settlePush(context, this.options.resolver, answered, { ...batch, asked: mark, mark: result.restored ? undefined : result.mark }, this.#attempts).catch((error) => {
      this.#source.notAllTaken()
      this.#fate.lost(batch.ops)
      throw error
    })
    this.#fate.answered(batch.ops, batch)
    if (outcome.acknowledged.length < answered.length) this.#source.notAllTaken()
    this.#succeeded(batch)
    onHealth(null)
    this.#report(outcome)
    if (result.restored) this.options.onRestored()
    const failCount = outcome.refused.length + outcome.retry.length
    hooks.doAction('sync.push:action:after', { scope, successCount: ops.length - failCount, failCount })
    return true
  }

  #succeeded(batch: CollectedBatch): void {
    this.#timing.succeeded()
    if (!batch.ops[0]!.aside) this.#faults.passed(batch.ops.length, batch.more)
    // The way to the store may be another one now.
    if (this.#isOut) this.#timing.releaseAside()
    this.#isOut = false
  }

  #report(outcome: SettleOutcome): void {
    const { context, echoes, onChanged, onSettled, onPullNeeded } = this.options
    for (const answered of outcome.acknowledged) {
      const { op } = answered
      // What was given up here is not: it has to be taken when it comes back.
      if (!outcome.unawaited.includes(answered)) echoes.remember(op.tableName, op.pk, op.stamp)
      this.#forget(answered)
    }
    for (const gone of [...outcome.lost, ...outcome.restamped]) this.#forget(gone)
    for (const { key, op, error } of outcome.retry) {
      const attempt = this.attemptsOf(key, op.stamp.opId)
      const nextAttemptAt = this.#timing.defer(op.stamp.opId, attempt, error.retryAfter)
      context.hooks.doAction('sync.retry:action', { op, attempt, nextAttemptAt })
      context.hooks.doAction('sync.error:action', { op, error, code: error.code, permanent: false })
    }
    for (const refused of outcome.refused) {
      const { op, error } = refused
      this.#forget(refused)
      context.hooks.doAction('sync.error:action', { op: { ...op, status: 'failed' }, error, code: error.code, permanent: true })
    }
    onSettled(outcome)
    onChanged()
    if (outcome.needsPull) onPullNeeded()
  }

  /** The request as a whole failed. @returns whether to go on at once, with another batch. */
  async #pushFailed(batch: CollectedBatch, error: SyncError): Promise<boolean> {
    const { context, onBarred, onHealth, onChanged } = this.options
    if (!this.#isSending) return false
    const finding = batch.ops[0]!.aside ? await this.#faults.judgeAlone(error) : await this.#faults.judge(batch.ops.length, error)
    if (!this.#isSending) return false
    switch (finding.kind) {
      case 'again':
        return true
      case 'refuse':
        // Edits made before the role changed, or the membership ended: they cannot be sent, and they are not thrown away.
        await this.#refuse(batch.ops.map(op => ({ ...op, error })), batch)
        if (isBarred(error)) onBarred(error)
        return true
      case 'aside':
        await setAside(context, this.#timing, batch, error)
        // The store has answered an empty push.
        if (!batch.ops[0]!.aside) onHealth(null)
        onChanged()
        return true
      case 'wait':
        this.#isOut ||= finding.isOutage
        this.#source.putBack(batch)
        this.#backOff(error, batch.ops.map(({ op }) => op))
        context.hooks.doAction('sync.push:action:after', { scope: context.scope, successCount: 0, failCount: batch.ops.length })
        return false
    }
  }

  #backOff(error: SyncError, ops: PendingOp[] = []): void {
    const { context: { env, hooks, breakers }, onHealth } = this.options
    const rest = breakers.push.waitMs
    const delay = Math.max(this.#timing.failed(error.retryAfter), rest)
    const isOrdered = error.retryAfter !== undefined || rest > 0
    onHealth(error)
    for (const op of ops) hooks.doAction('sync.retry:action', { op, attempt: op.attempts, nextAttemptAt: env.clock.now() + delay })
    hooks.doAction('sync.error:action', { op: ops[0], error, code: error.code, permanent: false })
    const { state } = this.#pushing
    if (state.name !== 'sending') return
    if (state.isWoken && !isOrdered) state.again = true
    else this.#timing.pause(delay, { isOrdered })
    state.isWoken = false
  }

  async #refuse(refused: readonly RefusedOp[], { incarnation }: CollectedBatch): Promise<void> {
    const { context, resolver } = this.options
    const answered = refused.map(({ key, op, error, row }): AnsweredOp => ({ key, op, row, isFinal: true, result: { opId: op.stamp.opId, success: false, errorCode: error.code, error: error.message } }))
    const outcome = await settlePush(context, resolver, answered, { recordIds: [], whole: false, incarnation }, this.#attempts)
    this.#report(outcome)
  }

  #forget({ key, op: { stamp } }: CollectedOp): void {
    this.#source.forget(key, stamp)
    this.#attempts.forget(key, stamp.opId)
    this.#timing.forget(stamp.opId)
  }
}
