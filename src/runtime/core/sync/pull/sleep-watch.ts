import type { SyncClock } from '../environment/environment'

/**
 * Who looks at the clock at least every 10 minutes, and finds that more than this has passed, was asleep: a frozen tab, a closed laptop.
 * Far below the 30 days that tombstones are kept.
 */
const ASLEEP_MS = 60 * 60_000

/** Notices that the page has slept. */
export class SleepWatch {
  #awakeAt = 0

  constructor(private readonly clock: SyncClock) {}

  /** From now on the page is watched. */
  begin(): void {
    this.#awakeAt = this.clock.now()
  }

  /** Whether the page has slept since `begin`, or since this was last asked. Once it has, the answer stays. */
  hasSlept(): boolean {
    const now = this.clock.now()
    if (now - this.#awakeAt > ASLEEP_MS) return true
    this.#awakeAt = now
    return false
  }
}
