/** The length of every allowance, in seconds. */
export const RATE_WINDOW_S = 60

export interface RateLimitState {
  /** Whether there was one left to take. */
  allowed: boolean
  /** What is left after this one. */
  remaining: number
  /** Milliseconds until the allowance is full again. */
  resetMs: number
}

/** Counts requests, and bytes. The gateway serves on when it rejects, or is late: a limiter that is down must not take the store down with it. */
export interface RateLimiter {
  /**
   * Takes `amount` (default 1) from the allowance that `key` has: `limit` in {@link RATE_WINDOW_S}. An amount above what is left uses the allowance
   * up, whether it is allowed or not.
   */
  take(key: string, limit: number, amount?: number): Promise<RateLimitState>
}
