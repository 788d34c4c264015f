import type { SyncEnvironment } from '../environment/environment'
import { PUSH_WAIT, type PushWaitData } from '../states/engine-states'
import { StateMachine } from '../states/state-machine'
import { PushPacer } from './push-pacer'
import { backOff, retryDelay } from '../../../shared/sync/protocol/retry-policy'

export interface PushTimingOptions {
  env: Pick<SyncEnvironment, 'clock' | 'random'>
  /** A waiting time is over. */
  onDue: () => void
}

interface Deferral {
  until: number
  delay: number
  isAside: boolean
}

/** Decides when the next push may go. It waits for the pacer and for the end of a back-off. Single ops can have waiting times of their own. */
export class PushTiming {
  readonly #pacer: PushPacer
  /** By op id. */
  readonly #deferred = new Map<string, Deferral>()
  readonly #wait = new StateMachine<typeof PUSH_WAIT, PushWaitData>(PUSH_WAIT, { name: 'nothing' })
  #failures = 0
  /** Somebody asked for a push: the next one does not wait for the pacer. */
  #isUnpaced = false

  constructor(private readonly options: PushTimingOptions) {
    this.#pacer = new PushPacer(() => options.env.clock.now())
  }

  /** Whether a back-off or a pause of the pacer is under way. New edits wait for its end, too. */
  get isPaused(): boolean {
    return this.#wait.is('pause')
  }

  /** Whether the store or the circuit breaker asked for the pause. */
  get isOrdered(): boolean {
    const { state } = this.#wait
    return state.name === 'pause' && state.isOrdered
  }

  /** Asks the pacer. @returns false when the push has to wait: then `onDue` is called later. */
  mayPush(isFull: boolean): boolean {
    const wait = this.#isUnpaced ? 0 : this.#pacer.take(isFull)
    if (wait > 0) this.pause(wait, { isOrdered: false })
    else this.#isUnpaced = false
    return wait === 0
  }

  succeeded(): void {
    this.#failures = 0
  }

  /** A push failed as a whole. @returns the milliseconds to wait, 250 ms doubling up to 60 s, never below `retryAfter`. */
  failed(retryAfter: number | undefined): number {
    this.#failures++
    return retryDelay(this.#failures, this.options.env.random, retryAfter)
  }

  /** Sends nothing for `ms` milliseconds. `isOrdered`: the store or the circuit breaker asked for it. */
  pause(ms: number, { isOrdered }: { isOrdered: boolean }): void {
    this.stop()
    this.#wait.go('pause', { timer: this.#startTimer(ms), isOrdered })
  }

  /** The op is to be tried again later. @returns when, in epoch milliseconds. */
  defer(opId: string, attempt: number, retryAfter: number | undefined): number {
    return this.#defer(opId, retryDelay(attempt, this.options.env.random, retryAfter), false)
  }

  /** Something on the way refuses this op. @returns when it is tried again, in epoch milliseconds. */
  setAside(opId: string, tries: number): number {
    return this.#defer(opId, backOff('aside', tries, this.options.env.random), true)
  }

  /** Ops that wait aside may be tried now: the way to the store may have changed. */
  releaseAside(): void {
    for (const [opId, { isAside }] of this.#deferred) if (isAside) this.#deferred.delete(opId)
  }

  /** Whether the op still has to wait. */
  isDeferred(opId: string): boolean {
    return this.#deferred.has(opId)
  }

  forget(opId: string): void {
    this.#deferred.delete(opId)
  }

  /** Ends the wait of ops whose time has come. An op that would wait longer than it was told goes as well: the clock was set back. */
  releaseDue(): void {
    const now = this.options.env.clock.now()
    for (const [opId, { until, delay }] of this.#deferred) if (until <= now || until - now > delay) this.#deferred.delete(opId)
  }

  /** Nothing else is left to send: calls `onDue` when the first deferred op may go. */
  awaitDeferred(): void {
    if (!this.#deferred.size) return
    const first = Math.min(...Array.from(this.#deferred.values(), ({ until }) => until))
    const longest = Math.max(...Array.from(this.#deferred.values(), ({ delay }) => delay))
    this.stop()
    this.#wait.go('defer', { timer: this.#startTimer(Math.min(Math.max(1, first - this.options.env.clock.now()), longest)) })
  }

  /** Ends all waiting times, those of single ops as well. */
  hurry(): void {
    this.#failures = 0
    this.#deferred.clear()
    this.stop()
    this.#isUnpaced = true
  }

  /** Stops the timer: `onDue` is not called. */
  stop(): void {
    const { state } = this.#wait
    if (state.name !== 'nothing') this.options.env.clock.clearTimeout(state.timer)
    this.#wait.go('over', {})
  }

  #defer(opId: string, delay: number, isAside: boolean): number {
    const until = this.options.env.clock.now() + delay
    this.#deferred.set(opId, { until, delay, isAside })
    return until
  }

  #startTimer(ms: number): unknown {
    return this.options.env.clock.setTimeout(() => {
      this.#wait.go('over', {})
      this.options.onDue()
    }, ms)
  }
}
