import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import type { CapturedOp } from '../records/captured-op'
import type { EngineContext } from '../context/engine-context'
import type { ConflictResolver } from '../merge/conflict-resolver'
import type { RecentOpCache } from '../progress/recent-op-cache'
import { PUSHING, type PushingData } from '../states/engine-states'
import { StateMachine } from '../states/state-machine'
import { BatchOutlivedError } from './batch-transaction'
import { BatchPusher, type PushListeners } from './batch-pusher'
import { BatchSource } from './batch-source'
import { PushFate } from './push-fate'
import { PushTiming } from './push-timing'

export interface OutboxManagerOptions extends PushListeners {
  context: EngineContext
  resolver: ConflictResolver
  echoes: RecentOpCache
  /** Everything that could be sent was: whoever looks finds the counts of now. */
  onRest: () => void
  /** See {@link PushFate}. */
  isAlone: () => boolean
  /** Of some edits it is known now what became of them. See {@link OutboxManager.isUnanswered}. */
  onTold: () => void
}

/**
 * Decides when the outbox is sent: in rounds, one batch in flight. What becomes of a batch is the {@link BatchPusher}'s work: an entry leaves
 * only when what was acknowledged is its latest; transient failures are retried for ever with back-off, refusals go to the dead letter one by
 * one.
 */
export class OutboxManager {
  readonly #source: BatchSource
  readonly #timing: PushTiming
  readonly #fate: PushFate
  readonly #pusher: BatchPusher
  readonly #pushing = new StateMachine<typeof PUSHING, PushingData>(PUSHING, { name: 'stopped' })
  #abort = new AbortController()

  constructor(private readonly options: OutboxManagerOptions) {
    const { context } = options
    const { env } = context
    this.#timing = new PushTiming({ env, onDue: () => this.#wake() })
    this.#fate = new PushFate({ isAlone: options.isAlone, onTold: options.onTold })
    this.#source = new BatchSource({ context, timing: this.#timing, mayHaveArrived: key => this.#fate.isOpen(key), onCollected: batch => this.#pusher.tidy(batch) })
    this.#pusher = new BatchPusher({
      ...options, source: this.#source, timing: this.#timing, fate: this.#fate,
      isSending: () => this.#isSending, signal: () => this.#abort.signal, onPause: (delay, isOrdered) => this.#pause(delay, isOrdered),
    })
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

  /** See {@link PushFate.whenAnswered}. */
  async whenAnswered(): Promise<void> {
    await this.#fate.whenAnswered()
  }

  /** How often this tab has sent the edit. */
  attemptsOf(key: string, opId: string): number {
    return this.#pusher.attemptsOf(key, opId)
  }

  async #drain(round: PushingData['sending']): Promise<void> {
    try {
      do {
        round.again = false
        while (this.#isSending && await this.#pusher.pushNext()) { /* one batch after the other */ }
      } while (round.again && this.#isSending && !this.#timing.isPaused)
    }
    catch (thrown) {
      if (thrown instanceof BatchOutlivedError) return
      // The database failed, not the network: try again later, and say so.
      this.#pusher.backOff(toSyncError(thrown))
    }
  }

  #pause(delay: number, isOrdered: boolean): void {
    const { state } = this.#pushing
    if (state.name !== 'sending') return
    // Somebody woke it meanwhile: the failure is of before.
    if (state.isWoken && !isOrdered) state.again = true
    else this.#timing.pause(delay, { isOrdered })
    state.isWoken = false
  }
}
