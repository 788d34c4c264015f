import type { SyncEnvironment } from '../environment/environment'
import { PUSH_WAIT, type PushWaitData } from '../states/engine-states'
import { StateMachine } from '../states/state-machine'
import { PushPacer } from './push-pacer'
import { retryDelay } from '../../../shared/sync/protocol/retry-delay'
import { asideDelay } from '../transport/retry-policy'

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

/** When the next push may go: not before the pacer's token, the end of a back-off, or what the store asked single ops to wait. */
export class PushTiming {
  readonly #pacer: PushPacer
  /** By op id. */
  readonly #deferred = new Map<string, Deferral>()
  readonly #wait = new StateMachine<typeof PUSH_WAIT, PushWaitData>(PUSH_WAIT, { name: 'nothing' })
  #failures = 0
  /** Somebody asked for the next push: it does not wait for the pacer. */
  #isUnpaced = false

  constructor(private readonly options: PushTimingOptions) {
    this.#pacer = new PushPacer(() => options.env.clock.now())
  }

  /** A back-off, or the pacer's pause: until it is over, new edits wait with the old ones. */
  get isPaused(): boolean {
    return this.#wait.is('pause')
  }

  /** A pause that the store asked for. */
  get isOrdered(): boolean {
    const { state } = this.#wait
    return state.name === 'pause' && state.isOrdered
  }

  /** Takes the pacer's token. @returns false where there is none: then `onDue` comes later. */
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

  /** Nothing goes for so long. `isOrdered`: because the store said so. */
  pause(ms: number, { isOrdered }: { isOrdered: boolean }): void {
    this.stop()
    this.#wait.go('pause', { timer: this.#startTimer(ms), isOrdered })
  }

  /** The store takes this op later. @returns when, in epoch milliseconds. */
  defer(opId: string, attempt: number, retryAfter: number | undefined): number {
    return this.#defer(opId, retryDelay(attempt, this.options.env.random, retryAfter), false)
  }

  /** Something on the way does not let this op through. @returns when it is tried again, in epoch milliseconds. */
  setAside(opId: string, tries: number): number {
    return this.#defer(opId, asideDelay(tries, this.options.env.random), true)
  }

  /** What waits aside may go: the way to the store may be another by now. */
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

  /** Ops whose time has come wait no longer. One that has longer to wait than it was told: the clock was set back. */
  releaseDue(): void {
    const now = this.options.env.clock.now()
    for (const [opId, { until, delay }] of this.#deferred) if (until <= now || until - now > delay) this.#deferred.delete(opId)
  }

  /** There is nothing else to send: has `onDue` called when the first deferred op may go. */
  awaitDeferred(): void {
    if (!this.#deferred.size) return
    const first = Math.min(...Array.from(this.#deferred.values(), ({ until }) => until))
    const longest = Math.max(...Array.from(this.#deferred.values(), ({ delay }) => delay))
    this.stop()
    this.#wait.go('defer', { timer: this.#startTimer(Math.min(Math.max(1, first - this.options.env.clock.now()), longest)) })
  }

  /** No waiting time counts any more. */
  hurry(): void {
    this.#failures = 0
    this.#deferred.clear()
    this.stop()
    this.#isUnpaced = true
  }

  /** Ends every waiting, without a call. */
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
