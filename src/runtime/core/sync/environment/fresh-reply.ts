import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncClock } from './environment'

/**
 * A longer wait means that the tab was frozen. Other tabs may have gone on meanwhile, and tombstones may have been collected; applying the old answer
 * could bring deleted rows back. Far above any request's time-out, far below the 30 days that tombstones are kept.
 */
const REPLY_MAX_AGE_MS = 10 * 60_000

/**
 * Makes a request and returns its answer, unless the tab was frozen meanwhile.
 *
 * @throws SyncError `NETWORK_ERROR` for an answer that took more than 10 minutes: it has to be asked again.
 */
export async function freshReply<T>(clock: SyncClock, request: () => Promise<T>): Promise<T> {
  const askedAt = clock.now()
  const reply = await request()
  if (clock.now() - askedAt > REPLY_MAX_AGE_MS) throw new SyncError('NETWORK_ERROR', 'the answer took more than 10 minutes and may be out of date; asking again')
  return reply
}
