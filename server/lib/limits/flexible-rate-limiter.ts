import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import { RATE_WINDOW_S } from './rate-limiter'
import type { RateLimiter, RateLimitState } from './rate-limiter'

/** Makes a limiter of the package `rate-limiter-flexible` with these options: `duration` in seconds. */
export type CreateLimiter = (options: { keyPrefix: string, points: number, duration: number }) => RateLimiterAbstract

/**
 * Counts with `rate-limiter-flexible`, by default in this process's memory. For several servers, use any store that the package supports:
 * `new FlexibleRateLimiter(options => new RateLimiterRedis({ storeClient, ...options }))`. The package is loaded only when such a limiter is
 * made.
 */
export class FlexibleRateLimiter implements RateLimiter {
  /** One limiter for each limit that is configured, by its number of points. */
  readonly #limiters = new Map<number, RateLimiterAbstract>()

  /** Loading starts at once, because it takes some 20 ms, and no request should have to wait for it. */
  readonly #loading = import('rate-limiter-flexible')

  constructor(private readonly create?: CreateLimiter) {}

  async take(key: string, limit: number, amount = 1): Promise<RateLimitState> {
    const { RateLimiterMemory, RateLimiterRes } = await this.#loading
    let limiter = this.#limiters.get(limit)
    if (!limiter) {
      const options = { keyPrefix: 'or3-sync', points: limit, duration: RATE_WINDOW_S }
      this.#limiters.set(limit, limiter = this.create?.(options) ?? new RateLimiterMemory(options))
    }
    try {
      const { remainingPoints, msBeforeNext } = await limiter.consume(key, amount)
      return { allowed: true, remaining: remainingPoints, resetMs: msBeforeNext }
    }
    catch (refusal) {
      // The package rejects with its state when nothing is left, and with an Error when its store fails.
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      return { allowed: false, remaining: 0, resetMs: refusal.msBeforeNext }
    }
  }
}
