import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import type { CapturedOp } from '../records/captured-op'
import type { EngineContext } from '../context/engine-context'
import type { ConflictResolver } from '../merge/conflict-resolver'
import type { RecentOpCache } from '../progress/recent-op-cache'
import { PUSHING, type PushingData } from '../states/engine-states'
import { StateMachine } from '../states/state-machine'
import { DeposedError } from '../progress/lead-fence'
import { BatchOutlivedError } from './batch-transaction'
import { BatchPusher, type PushListeners } from './batch-pusher'
import { BatchSource } from './batch-source'
import { PushFate } from './push-fate'
import { PushTiming } from './push-timing'
import { UnreachedWinners } from './unreached-winners'

export interface OutboxManagerOptions extends PushListeners {
  context: EngineContext
  resolver: ConflictResolver
  echoes: RecentOpCache
  /** A round is over: everything that could be sent was sent. Counts are wanted at once. */
  onRest: () => void
  /** See `PushFateOptions.isAlone`. */
  isAlone: () => boolean
  /** The version up to which this device has applied the feed. */
  cursor: () => number
  /** See `CursorManager.endedElsewhere`. */
  endedElsewhere: (walks?: number) => number
  /** It is known of more edits whether the store has them. See {@link OutboxManager.isUnanswered}. */
  onTold: () => void
  /** See `PushFateOptions.onInFlight`. */
  onInFlight: (keys: readonly string[]) => void
  /** See `LeadFence.checkStored`. */
  checkLead: () => Promise<void>
}

/**
 * Decides when the outbox is sent: in rounds, one batch after the other, never two at a time. The {@link BatchPusher} sends a batch and handles
 * the answer:
 *
 * - An acknowledged edit leaves the outbox. A newer edit of the same record stays.
 * - A transient failure is retried for ever, with growing pauses.
 * - A refused edit goes to the dead letter alone.
 */
export class OutboxManager {
  readonly #source: BatchSource
  readonly #timing: PushTiming
  readonly #fate: PushFate
  readonly #unreached: UnreachedWinners
  readonly #pusher: BatchPusher
  readonly #pushing = new StateMachine<typeof PUSHING, PushingData>(PUSHING, { name: 'stopped' })
  #abort = new AbortController()

  constructor(private readonly options: OutboxManagerOptions) {
    const { context } = options
    const { env } = context
    this.#timing = new PushTiming({ env, onDue: () => this.#wake() })
    this.#fate = new PushFate({ isAlone: options.isAlone, onTold: options.onTold, onInFlight: options.onInFlight })
    this.#unreached = new UnreachedWinners(options.cursor)
    this.#source = new BatchSource({ context, timing: this.#timing, unreached: this.#unreached, mayHaveArrived: key => this.#fate.isOpen(key), onCollected: batch => this.#pusher.tidy(batch) })
    this.#pusher = new BatchPusher({
      ...options, source: this.#source, timing: this.#timing, fate: this.#fate, unreached: this.#unreached,
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
    // The push under way may still arrive. The answer tells, when its edits are sent again.
    this.#abort.abort(new SyncError('STOPPED', 'sync was stopped'))
    await round
    this.#source.clear()
    this.#unreached.clear()
  }

  /** This tab has committed edits. */
  committed(ops: readonly CapturedOp[]): void {
    this.#source.add(ops)
    this.#wake()
  }

  /** Sends what may be due. `now`: waiting times end, because the network is back or somebody asked. */
  wake(now = false): void {
    // The caller may know of outbox entries that another tab has written.
    this.#source.lookAgain({ asksHeld: now })
    if (now && this.#isStarted) this.#hurry()
    else this.#wake()
  }

  /**
   * The page may be gone in a moment, and IndexedDB answers too late. So edits in memory are handed to the provider before this returns.
   * Everything else stays in the outbox.
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

  /** Sends what is due, without waiting times. Resolves when it was sent, or has to wait. */
  async flush(): Promise<void> {
    this.wake(true)
    await this.#round
  }

  /** Whether the store may have an edit of the record that still waits here. */
  isUnanswered(key: string): boolean {
    return this.#fate.isOpen(key)
  }

  /** Everything up to this version of the store is applied here. */
  reached(version: number): void {
    if (this.#unreached.reached(version)) this.wake()
  }

  /** Op ids of edits that lost to a revision which the feed has not reached here. */
  get unreached(): readonly string[] {
    return this.#unreached.waiting
  }

  /** See {@link UnreachedWinners.missed}. */
  missed(opIds: readonly string[]): void {
    if (this.#unreached.missed(opIds)) this.wake()
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
      if (thrown instanceof BatchOutlivedError || thrown instanceof DeposedError) return
      // The local database failed, not the network: report it, and try again later.
      this.#pusher.backOff(toSyncError(thrown))
    }
  }

  #pause(delay: number, isOrdered: boolean): void {
    const { state } = this.#pushing
    if (state.name !== 'sending') return
    // Somebody asked to hurry while the push was under way. Its failure may be out of date, so the next try does not wait.
    if (state.isWoken && !isOrdered) state.again = true
    else this.#timing.pause(delay, { isOrdered })
    state.isWoken = false
  }
}
