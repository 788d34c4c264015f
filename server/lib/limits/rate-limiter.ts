/** How long an allowance lasts, in seconds. */
export const RATE_WINDOW_S = 60

export interface RateLimitState {
  /** Whether there was one left to take. */
  allowed: boolean
  /** What is left after this one. */
  remaining: number
  /** Milliseconds until the allowance is full again. */
  resetMs: number
}

/** Counts requests and bytes. If it rejects or is late, the gateway goes on without counting: a limiter that is down must not stop sync. */
export interface RateLimiter {
  /**
   * Takes `amount` (default 1) from the allowance of `key`, which is `limit` in {@link RATE_WINDOW_S}. An amount above what is left uses up
   * the allowance, whether it is allowed or not.
   */
  take(key: string, limit: number, amount?: number): Promise<RateLimitState>
}
