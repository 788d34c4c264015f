import type { SyncError } from './errors'

/**
 * Whether the user is signed in but has no access, for example because the membership has ended. Signing in again does not help, unlike
 * after an expired session (which is retryable). A provider reports this with `UNAUTHORIZED` and `retryable: false`.
 */
export function isBarred(error: SyncError): boolean {
  return error.code === 'UNAUTHORIZED' && !error.retryable
}
