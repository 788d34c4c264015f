import { inTime } from '#or3-sync/shared/sync/waiting/in-time'
import { looseTimers } from '#or3-sync/shared/sync/waiting/timers'
import type { RateLimiter, RateLimitState } from './rate-limiter'

/** A limiter that takes longer counts as down, in milliseconds. A request does not wait longer to be counted. */
const ANSWER_MS = 3_000

/** The same limiter, but it rejects when the answer takes too long. */
export function timelyLimiter(limiter: RateLimiter): RateLimiter {
  return { take: async (...args) => await timelyAnswer(limiter.take(...args)) }
}

/** @throws Error when the answer is late */
export function timelyAnswer(answer: Promise<RateLimitState>): Promise<RateLimitState> {
  const late = (): never => { throw new Error(`the rate limiter did not answer within ${ANSWER_MS / 1_000} s`) }
  return inTime(answer, { ms: ANSWER_MS, timers: looseTimers, late })
}
