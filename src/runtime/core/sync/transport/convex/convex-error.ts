import { isWireErrorCode, SyncError } from '../../../../shared/sync/protocol/errors'

/**
 * Turns what a Convex function or client threw into a `SyncError`.
 *
 * - A `ConvexError` of the sync functions brings its own code.
 * - Production redacts every other error. Those become `SERVER_ERROR`, which is retryable.
 * - `UNAUTHORIZED` is final if the user `isSignedIn`: they are not a member. Otherwise it is retryable: nobody is signed in yet.
 */
export function convexError(thrown: unknown, { isSignedIn = false } = {}): SyncError {
  if (thrown instanceof SyncError) return thrown
  const data = dataOf(thrown)
  const code = data?.code
  if (!isWireErrorCode(code)) return new SyncError('SERVER_ERROR', 'a Convex function failed', { cause: thrown })
  return new SyncError(code, typeof data?.message === 'string' ? data.message : code, {
    cause: thrown, ...(code === 'UNAUTHORIZED' ? { retryable: !isSignedIn } : {}),
  })
}

/** Looks for Convex's symbol instead of `instanceof`, because an app may bundle Convex twice. */
function dataOf(thrown: unknown): { code?: unknown, message?: unknown } | null {
  if (!thrown || typeof thrown !== 'object' || !(Symbol.for('ConvexError') in thrown)) return null
  const { data } = thrown as { data?: unknown }
  return data && typeof data === 'object' ? data : null
}
