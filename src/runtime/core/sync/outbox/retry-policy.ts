import type { SyncErrorCode } from '../../../shared/sync/types'
import { RETRY_BASE_MS, RETRY_JITTER, RETRY_MAX_MS } from '../../../shared/sync/limits'

/** What becomes of an op that a store refused. */
export type RefusalVerdict = 'dead-letter' | 'retry' | 'restamp'

/** Refusals that the same op would meet for ever. Whatever is not named here is tried again: nothing is given up by mistake. */
const PERMANENT: ReadonlySet<SyncErrorCode> = new Set(['VALIDATION_ERROR', 'OVERSIZED', 'CONFLICT', 'NOT_FOUND', 'READ_ONLY'])

export function judgeRefusal(code: SyncErrorCode | undefined): RefusalVerdict {
  if (code === 'CLOCK_SKEW') return 'restamp'
  return code !== undefined && PERMANENT.has(code) ? 'dead-letter' : 'retry'
}

/**
 * Milliseconds to wait after `attempts` failures in a row (1 = the first): 250 ms doubling up to 60 s, ±30 %.
 * Never below what the other side asked for.
 */
export function retryDelay(attempts: number, random: () => number, retryAfter = 0): number {
  const delay = Math.min(RETRY_BASE_MS * 2 ** Math.min(attempts - 1, 20), RETRY_MAX_MS)
  return Math.max(retryAfter, Math.round(delay * (1 + RETRY_JITTER * (2 * random() - 1))))
}
