import { PUSH_BURST, PUSH_RATE_PER_SECOND } from '../../../shared/sync/protocol/limits'

/** A token bucket for pushes. Single edits are sent at once; edits in a busy loop are gathered into batches. Full batches need no token. */
export class PushPacer {
  #tokens = PUSH_BURST
  #refilledAt: number

  constructor(private readonly now: () => number) {
    this.#refilledAt = now()
  }

  /** Takes a token for a push. @returns 0, or the milliseconds until there is one. */
  take(isFull: boolean): number {
    const now = this.now()
    // A clock that stepped back must not stop the refill.
    const elapsed = Math.max(0, now - this.#refilledAt)
    this.#tokens = Math.min(PUSH_BURST, this.#tokens + elapsed * PUSH_RATE_PER_SECOND / 1000)
    this.#refilledAt = now
    if (isFull) return 0
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * 1000 / PUSH_RATE_PER_SECOND)
    this.#tokens -= 1
    return 0
  }
}
