import { isWireErrorCode, SyncError } from '../../../../shared/sync/protocol/errors'

/**
 * What a Convex function or client threw, as a `SyncError`. A `ConvexError` of ours brings its code; production redacts every other
 * error, so that those count as the deployment's own: worth another try. `UNAUTHORIZED` by a user who `isSignedIn` says that they
 * may not be there; by anybody else, that they are nobody yet.
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

/** By the mark and not by the class: an app may bundle Convex twice. */
function dataOf(thrown: unknown): { code?: unknown, message?: unknown } | null {
  if (!thrown || typeof thrown !== 'object' || !(Symbol.for('ConvexError') in thrown)) return null
  const { data } = thrown as { data?: unknown }
  return data && typeof data === 'object' ? data : null
}
