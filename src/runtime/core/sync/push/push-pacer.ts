import { PUSH_BURST, PUSH_RATE_PER_SECOND } from '../../../shared/sync/protocol/limits'

/** Token bucket over pushes: single edits flow at once, a busy loop of them is gathered into batches. Full batches are free. */
export class PushPacer {
  #tokens = PUSH_BURST
  #refilledAt: number

  constructor(private readonly now: () => number) {
    this.#refilledAt = now()
  }

  /** Milliseconds until a push may go; 0 takes its token. */
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
