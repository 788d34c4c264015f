import type { GatewayLogger } from '../observe/gateway-logger'
import type { RateLimiter } from './rate-limiter'

export type ByteDirection = 'in' | 'out'

export interface ByteRatesOptions {
  limiter: RateLimiter
  /** Bytes for each user in a minute. `Infinity`: no limit. */
  limits: Readonly<Record<ByteDirection, number>>
  logger?: GatewayLogger
}

/** The limiter is told in steps of so many bytes. It may be on another server, so not every request should call it. */
const STEP_BYTES = 256 * 1024
/** Users whose bytes below a step are remembered. If there are more, all these remainders are forgotten. */
const REMAINDERS_MAX = 10_000

/** Counts the bytes that users send and are sent. They are counted once they are known, so the last request of an allowance may exceed it. */
export class ByteRates {
  readonly #remainders = new Map<string, number>()
  /** By direction and user: when the next allowance begins, in milliseconds of `performance.now()`. */
  readonly #usedUpUntil = new Map<string, number>()

  constructor(private readonly options: ByteRatesOptions) {}

  /** Milliseconds until the user may send or be sent anything again; 0: now. */
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
