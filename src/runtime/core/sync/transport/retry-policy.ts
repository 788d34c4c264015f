import type { SyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/is-barred'
import { ASIDE_BASE_MS, ASIDE_MAX_MS, RETRY_JITTER } from '../../../shared/sync/protocol/limits'

/**
 * What to do with a batch that failed as a whole.
 *
 * - `too-large`: it is halved until it passes.
 * - `invalid`: it is halved until the op that the store refuses is found.
 * - `refused`: this user may not write. All ops become dead letters.
 * - `strange`: something other than the store has answered, or the request was damaged on its way. That may be over soon. Or something on the
 *   way does not let one of the ops through.
 * - `broken`: the store fails, and does not say when to come back. It is in trouble, or it fails because of this very batch. Convex does so if a
 *   batch exceeds a limit of a transaction.
 * - `wait`: it is tried again later, unchanged.
 */
export type BatchVerdict = 'too-large' | 'invalid' | 'refused' | 'strange' | 'broken' | 'wait'

export function judgeBatchFailure(error: SyncError): BatchVerdict {
  if (error.code === 'OVERSIZED') return 'too-large'
  if (error.code === 'VALIDATION_ERROR') return error.retryable ? 'strange' : 'invalid'
  if (error.code === 'READ_ONLY' || isBarred(error)) return 'refused'
  // A store that says when to come back knows what is wrong, and it is not the batch.
  if (error.code === 'SERVER_ERROR' && error.retryAfter === undefined) return 'broken'
  return error.code === 'UNKNOWN' ? 'strange' : 'wait'
}

/** Whether a push that failed with this error was certainly not applied. After the three codes below, the store may have applied it. */
export function isUnapplied({ code }: SyncError): boolean {
  return code !== 'NETWORK_ERROR' && code !== 'SERVER_ERROR' && code !== 'UNKNOWN'
}

/** Milliseconds until an op that waits aside is sent again, after `tries` refusals: 10 s, then three times as long each time, up to an hour. */
export function asideDelay(tries: number, random: () => number): number {
  const delay = ASIDE_BASE_MS * 3 ** Math.min(tries - 1, 10)
  return Math.min(ASIDE_MAX_MS, Math.round(delay * (1 + RETRY_JITTER * (2 * random() - 1))))
}
