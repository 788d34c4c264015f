import type { GatewayLogger } from '../observe/gateway-logger'
import type { RateLimiter } from './rate-limiter'

export type ByteDirection = 'in' | 'out'

export interface ByteRatesOptions {
  limiter: RateLimiter
  /** Bytes of a user in a minute. Infinity: as many as they like. */
  limits: Readonly<Record<ByteDirection, number>>
  logger?: GatewayLogger
}

/** A limiter may be another server's: it is told in steps of so many bytes, not at each request. */
const STEP_BYTES = 256 * 1024
/** What is below a step is forgotten for all once so many users have some. */
const REMAINDERS_MAX = 10_000

/** Counts the bytes that users send and are sent. They are counted when they are known, so the last request of an allowance may go above it. */
export class ByteRates {
  readonly #remainders = new Map<string, number>()
  /** By direction and user: when the next allowance begins, in milliseconds of `performance.now()`. */
  readonly #usedUpUntil = new Map<string, number>()

  constructor(private readonly options: ByteRatesOptions) {}

  /** Milliseconds until the user may send or be sent again; 0: now. */
  waitMs(direction: ByteDirection, userId: string): number {
    const key = `bytes-${direction}:${userId}`
    const until = this.#usedUpUntil.get(key)
    if (until === undefined) return 0
    const ms = until - performance.now()
    if (ms <= 0) this.#usedUpUntil.delete(key)
    return Math.max(0, ms)
  }

  count(direction: ByteDirection, userId: string, bytes: number): void {
    if (this.options.limits[direction] === Infinity) return
    const key = `bytes-${direction}:${userId}`
    const sum = (this.#remainders.get(key) ?? 0) + bytes
    if (sum >= STEP_BYTES) {
      this.#remainders.delete(key)
      void this.#tell(key, this.options.limits[direction], sum)
      return
    }
    if (this.#remainders.size >= REMAINDERS_MAX) this.#remainders.clear()
    this.#remainders.set(key, sum)
  }

  async #tell(key: string, limit: number, bytes: number): Promise<void> {
    try {
      const { allowed, remaining, resetMs } = await this.options.limiter.take(key, limit, bytes)
      if (!allowed || remaining === 0) this.#usedUpUntil.set(key, performance.now() + resetMs)
    }
    catch (error) {
      this.options.logger?.warn('[or3-sync] the rate limiter does not answer; bytes are not counted', { error })
    }
  }
}
