import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncClock } from './environment'

/**
 * An answer that took longer is not believed: its tab was frozen, others went on meanwhile, and the tombstones that would keep
 * old rows from coming back may be gone. Far above any request's time-out, far below the 30 days that tombstones are kept.
 */
const REPLY_MAX_AGE_MS = 10 * 60_000

/**
 * The answer to a request, unless the tab slept over it.
 *
 * @throws SyncError `NETWORK_ERROR`: ask again.
 */
export async function freshReply<T>(clock: SyncClock, request: () => Promise<T>): Promise<T> {
  const askedAt = clock.now()
  const reply = await request()
  if (clock.now() - askedAt > REPLY_MAX_AGE_MS) throw new SyncError('NETWORK_ERROR', 'the answer came too late to be believed; asking again')
  return reply
}
