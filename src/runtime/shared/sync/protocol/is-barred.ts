import type { SyncError } from './errors'

/**
 * The user is known, and may not: no member of the workspace any more. Unlike a session that has expired (retryable), signing in again
 * does not help. A provider says so by `UNAUTHORIZED` with `retryable: false`.
 */
export function isBarred(error: SyncError): boolean {
  return error.code === 'UNAUTHORIZED' && !error.retryable
}
