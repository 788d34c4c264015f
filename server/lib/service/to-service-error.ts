import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import { GatewayError } from '../errors/gateway-error'

/**
 * What a store threw, for a caller on the server: a `SyncError`, as for everything else that fails. `retryable` is true while the store is away.
 * Then it is not known whether a write was stored.
 */
export function toServiceError(error: unknown): SyncError {
  if (error instanceof SyncError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof GatewayError) return new SyncError(error.code, message, { status: error.statusCode, retryable: error.statusCode === 503, cause: error })
  return new SyncError('SERVER_ERROR', message, { cause: error })
}
