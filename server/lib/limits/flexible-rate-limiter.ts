import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import { RATE_WINDOW_S } from './rate-limiter'
import type { RateLimiter, RateLimitState } from './rate-limiter'

/** Makes a limiter of the package `rate-limiter-flexible` with these options: `duration` in seconds. */
export type CreateLimiter = (options: { keyPrefix: string, points: number, duration: number }) => RateLimiterAbstract

/**
 * Counts with `rate-limiter-flexible`: in this process's memory, or, for several servers, in any store that package knows:
 * `new FlexibleRateLimiter(options => new RateLimiterRedis({ storeClient, ...options }))`. The package is loaded when such a limiter
 * is made, and not by servers that count in another way.
 */
export class FlexibleRateLimiter implements RateLimiter {
  /** By their number of points: one for each limit that is configured. */
  readonly #limiters = new Map<number, RateLimiterAbstract>()

  /** Begun at once: loading takes some 20 ms, for which no request should stop the process. */
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
      // The package rejects with its state when nothing is left, and with an Error when its store is away.
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      return { allowed: false, remaining: 0, resetMs: refusal.msBeforeNext }
    }
  }
}
