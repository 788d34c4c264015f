import { backOff } from '../../../../../shared/sync/protocol/retry-policy'

/** A stream that has lived this long counts as working, so the pauses start from the shortest again. */
const PROVEN_MS = 2 * 60_000

/** Says when to try an event stream again after one did not come through: after a minute, then after twice as long each time. */
export class StreamRetry {
  #failures = 0
  #notBefore = 0
  #since: number | null = null

  constructor(private readonly now: () => number) {}

  get isDue(): boolean {
    return this.now() >= this.#notBefore
  }

  opened(): void {
    this.#since = this.now()
  }

  /** The stream did not come through, or went silent. */
  failed(): void {
    const now = this.now()
    if (this.#since !== null && now - this.#since >= PROVEN_MS) this.#failures = 0
    this.#since = null
    this.#notBefore = now + backOff('stream', ++this.#failures)
  }
}
