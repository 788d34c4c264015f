import { SyncError } from '../../../shared/sync/protocol/errors'

/** 408: the server did not get the whole body in time. 504: a proxy got no answer in time. */
const STATUSES: ReadonlySet<number | undefined> = new Set([408, 504])
const MAX_DEPTH = 4

/** Whether a request failed because it took too long, so that a smaller request may pass. No connection at all is not a timeout. */
export function isTimeout(error: unknown): boolean {
  let cause = error
  for (let depth = 0; depth < MAX_DEPTH && cause && typeof cause === 'object'; depth++) {
    if (cause instanceof SyncError && STATUSES.has(cause.status)) return true
    if ((cause as { name?: unknown }).name === 'TimeoutError') return true
    cause = (cause as { cause?: unknown }).cause
  }
  return false
}
