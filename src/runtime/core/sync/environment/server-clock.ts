import type { HybridClock } from '../../../shared/sync/protocol/hlc'
import { DAY_MS } from '../../../shared/sync/protocol/limits'
import type { SyncClock } from './environment'

/** A time before 2017 or after 2286 is an error of the provider, and is ignored. */
const EARLIEST_MS = 1.5e12
const LATEST_MS = 1e13

/** A smaller difference to the store's time comes from the network, and is ignored. */
const CLOCK_NOISE_MS = 1_000

export interface ServerClockOptions {
  clock: SyncClock
  hlc: HybridClock
  /** Must pass the correction on to the other tabs, for their `correct`. */
  onCorrected: (offsetMs: number, reset: boolean) => void
}

/** Knows how far this device's clock is off, from the times in the store's replies. Every tab corrects its HLC by it. */
export class ServerClock {
  /** The store's time minus ours, in milliseconds. */
  offsetMs = 0
  /** When the store last answered, by this device's clock; null: not yet. */
  #heardAt: number | null = null

  constructor(private readonly options: ServerClockOptions) {}

  /** Epoch milliseconds by the store's clock, as far as it is known. */
  now(): number {
    return this.options.clock.now() + this.offsetMs
  }

  /** Whether the store has answered within the last day. After a longer time this device's clock may have been set to another date unnoticed. */
  get isSure(): boolean {
    return this.#heardAt !== null && Math.abs(this.options.clock.now() - this.#heardAt) < DAY_MS
  }

  /** Takes the time from a reply. A store that does not send its time counts as having this device's. */
  heardFrom({ serverTime }: { serverTime?: number }): void {
    this.#heardAt = this.options.clock.now()
    if (typeof serverTime !== 'number') return
    const offset = Math.round(serverTime - this.options.clock.now())
    if (!this.#isPlausible(offset) || Math.abs(offset - this.offsetMs) < CLOCK_NOISE_MS) return
    this.correct(offset, false)
    this.options.onCorrected(offset, false)
  }

  /** Lets the HLC start again from the corrected time, in every tab. Needed when the store refuses revisions that are too far in the future. */
  reset(): void {
    this.options.hlc.reset()
    this.options.onCorrected(this.offsetMs, true)
  }

  /** Applies a correction, such as one from another tab. `reset`: the HLC starts again from the corrected time. */
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
