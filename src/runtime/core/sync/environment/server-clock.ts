import type { HybridClock } from '../../../shared/sync/protocol/hlc'
import { DAY_MS } from '../../../shared/sync/protocol/limits'
import type { SyncClock } from './environment'

/** Times outside of 2017 to 2286 are nobody's time: a provider that tells one is not believed. */
const EARLIEST_MS = 1.5e12
const LATEST_MS = 1e13

/** Below this the difference to the store's time is the network's, not the clock's. */
const CLOCK_NOISE_MS = 1_000

export interface ServerClockOptions {
  clock: SyncClock
  hlc: HybridClock
  /** Other tabs have to know: `offsetMs` as in `ServerClock`; with `reset`, hybrid time starts again. */
  onCorrected: (offsetMs: number, reset: boolean) => void
}

/** How far this device's wall clock is off, by the store's replies. Every tab corrects its hybrid time by it. */
export class ServerClock {
  /** The store's time minus ours, in milliseconds. */
  offsetMs = 0
  /** By our own clock; null: nothing yet. */
  #heardAt: number | null = null

  constructor(private readonly options: ServerClockOptions) {}

  /** Epoch milliseconds by the store's clock, as far as it is known. */
  now(): number {
    return this.options.clock.now() + this.offsetMs
  }

  /** Whether the store was heard of within a day of ours: else our clock may have been set to another date since, and nobody has noticed. */
  get isSure(): boolean {
    return this.#heardAt !== null && Math.abs(this.options.clock.now() - this.#heardAt) < DAY_MS
  }

  /** A store that does not tell its time is taken to have ours. */
  heardFrom({ serverTime }: { serverTime?: number }): void {
    this.#heardAt = this.options.clock.now()
    if (typeof serverTime !== 'number') return
    const offset = Math.round(serverTime - this.options.clock.now())
    if (!this.#isPlausible(offset) || Math.abs(offset - this.offsetMs) < CLOCK_NOISE_MS) return
    this.correct(offset, false)
    this.options.onCorrected(offset, false)
  }

  /** Our stamps were too far ahead: hybrid time starts again from corrected wall time, in every tab. */
  reset(): void {
    this.options.hlc.reset()
    this.options.onCorrected(this.offsetMs, true)
  }

  /** What another tab has found out. */
  correct(offsetMs: number, reset: boolean): void {
    if (!this.#isPlausible(offsetMs)) return
    this.offsetMs = offsetMs
    this.options.hlc.setOffset(offsetMs)
    if (reset) this.options.hlc.reset()
  }

  #isPlausible(offsetMs: number): boolean {
    const time = this.options.clock.now() + offsetMs
    return time >= EARLIEST_MS && time <= LATEST_MS
  }
}
