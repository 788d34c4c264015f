import type { SyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/is-barred'
import { ASIDE_BASE_MS, ASIDE_MAX_MS, RETRY_JITTER } from '../../../shared/sync/protocol/limits'

/**
 * What becomes of a batch that failed as a whole.
 *
 * - `too-large`: halved until it passes.
 * - `invalid`: halved until the op that is refused is found.
 * - `refused`: this user may not, now or ever: the dead letter.
 * - `strange`: not the store has answered, or the request was damaged on its way. It passes, or there is something in the batch that
 *   somebody on the way does not let through.
 * - `broken`: the store fails, and does not say when to come back: it is in trouble, or has failed over this very batch, as Convex does
 *   where a batch exceeds a limit of a transaction.
 * - `wait`: tried again.
 */
export type BatchVerdict = 'too-large' | 'invalid' | 'refused' | 'strange' | 'broken' | 'wait'

export function judgeBatchFailure(error: SyncError): BatchVerdict {
  if (error.code === 'OVERSIZED') return 'too-large'
  if (error.code === 'VALIDATION_ERROR') return error.retryable ? 'strange' : 'invalid'
  if (error.code === 'READ_ONLY' || isBarred(error)) return 'refused'
  // A store that names a time knows what is wrong, and it is not the batch.
  if (error.code === 'SERVER_ERROR' && error.retryAfter === undefined) return 'broken'
  return error.code === 'UNKNOWN' ? 'strange' : 'wait'
}

/** Whether a push that failed so cannot have reached the store's data. Of silence, a stranger and a store in trouble nobody knows. */
export function isUnapplied({ code }: SyncError): boolean {
  return code !== 'NETWORK_ERROR' && code !== 'SERVER_ERROR' && code !== 'UNKNOWN'
}

/** Milliseconds until an op that was refused alone `tries` times is sent again: 10 s, three times as long each time, up to an hour. */
export function asideDelay(tries: number, random: () => number): number {
  const delay = ASIDE_BASE_MS * 3 ** Math.min(tries - 1, 10)
  return Math.min(ASIDE_MAX_MS, Math.round(delay * (1 + RETRY_JITTER * (2 * random() - 1))))
}
