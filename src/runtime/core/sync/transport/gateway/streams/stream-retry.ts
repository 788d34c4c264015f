import { STREAM_RETRY_MAX_MS, STREAM_RETRY_MS } from '../../../../../shared/sync/protocol/limits'

/** A stream that lives for so long works. */
const PROVEN_MS = 2 * 60_000

/** When an event stream is worth another try on a way that let none through: after a minute, then after twice as long each time. */
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

  /** It gave no sign of life, or none any more. */
  failed(): void {
    const now = this.now()
    if (this.#since !== null && now - this.#since >= PROVEN_MS) this.#failures = 0
    this.#since = null
    this.#notBefore = now + Math.min(STREAM_RETRY_MS * 2 ** this.#failures++, STREAM_RETRY_MAX_MS)
  }
}
