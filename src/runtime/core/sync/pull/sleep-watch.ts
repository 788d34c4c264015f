import type { SyncClock } from '../environment/environment'

/**
 * The clock is looked at every 10 minutes. If more than this has passed in between, the page has slept: a frozen tab, or a closed laptop. This
 * is far below the 30 days that tombstones are kept.
 */
const ASLEEP_MS = 60 * 60_000

/** Notices that the page has slept. */
export class SleepWatch {
  #awakeAt = 0

  constructor(private readonly clock: SyncClock) {}

  /** Begins to watch. */
  begin(): void {
    this.#awakeAt = this.clock.now()
  }

  /** Whether the page has slept since `begin`, or since this was last asked. After one yes it is always yes. */
  hasSlept(): boolean {
    const now = this.clock.now()
    if (now - this.#awakeAt > ASLEEP_MS) return true
    this.#awakeAt = now
    return false
  }
}
