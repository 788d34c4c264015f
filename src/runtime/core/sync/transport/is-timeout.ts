import { SyncError } from '../../../shared/sync/protocol/errors'

/** A server that waited in vain for the rest of a body, and a proxy that waited in vain for an answer. */
const STATUSES: ReadonlySet<number | undefined> = new Set([408, 504])
const MAX_DEPTH = 4

/** Whether a request failed because it got no answer within its time: a smaller one may. One that nobody could take at all is none of these. */
export function isTimeout(error: unknown): boolean {
  let cause = error
  for (let depth = 0; depth < MAX_DEPTH && cause && typeof cause === 'object'; depth++) {
    if (cause instanceof SyncError && STATUSES.has(cause.status)) return true
    if ((cause as { name?: unknown }).name === 'TimeoutError') return true
    cause = (cause as { cause?: unknown }).cause
  }
  return false
}
