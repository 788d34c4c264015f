import { RETRY_BASE_MS, RETRY_JITTER, RETRY_MAX_MS, TIMER_MAX_MS } from './limits'

/**
 * Milliseconds to wait after `attempts` failures in a row (1 = the first): 250 ms doubling up to 60 s, ±30 %.
 * If the other side asked for a longer wait (`retryAfter`, milliseconds), that counts.
 */
export function retryDelay(attempts: number, random: () => number, retryAfter = 0): number {
  const delay = Math.min(RETRY_BASE_MS * 2 ** Math.min(attempts - 1, 20), RETRY_MAX_MS)
  const asked = retryAfter > 0 ? Math.min(retryAfter, TIMER_MAX_MS) : 0
  return Math.max(asked, Math.round(delay * (1 + RETRY_JITTER * (2 * random() - 1))))
}
