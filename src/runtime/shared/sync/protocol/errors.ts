import type { SyncErrorCode } from './types'

/** Every code there is. */
export const SYNC_ERROR_CODES: readonly SyncErrorCode[] = [
  'VALIDATION_ERROR', 'OVERSIZED', 'CLOCK_SKEW', 'UNAUTHORIZED', 'USER_CHANGED', 'CONFLICT', 'NOT_FOUND', 'RATE_LIMITED', 'NETWORK_ERROR', 'SERVER_ERROR',
  'UNKNOWN', 'READ_ONLY', 'FOREIGN_ORIGIN', 'UNSYNCED_WORK', 'UNSUPPORTED_PROTOCOL', 'NEWER_DATABASE', 'DATABASE_REPLACED', 'SYNC_DISABLED',
]

/** Codes that trying again, unchanged, can cure. */
const RETRYABLE: ReadonlySet<SyncErrorCode> = new Set([
  'NETWORK_ERROR', 'SERVER_ERROR', 'RATE_LIMITED', 'UNAUTHORIZED', 'USER_CHANGED', 'FOREIGN_ORIGIN', 'UNKNOWN',
])

export interface SyncErrorDetails {
  /** Overrides what the code implies. */
  retryable?: boolean
  /** Milliseconds the other side asked us to wait. */
  retryAfter?: number
  /** HTTP status, where there was one. */
  status?: number
  /** With `UNSYNCED_WORK`: how many edits would be lost. */
  count?: number
  cause?: unknown
}

/** The one error class of the engine. Decide on `code` and `retryable`, never on the message. */
export class SyncError extends Error {
  override name = 'SyncError'
  readonly code: SyncErrorCode
  readonly retryable: boolean
  readonly retryAfter?: number
  readonly status?: number
  readonly count?: number

  constructor(code: SyncErrorCode, message: string, details: SyncErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryable = details.retryable ?? RETRYABLE.has(code)
    this.retryAfter = details.retryAfter
    this.status = details.status
    this.count = details.count
  }
}

/** Anything thrown, as a `SyncError`: unknown failures count as transient, so that nothing is given up by mistake. */
export function toSyncError(error: unknown): SyncError {
  if (error instanceof SyncError) return error
  const thrown = error as { code?: unknown, message?: unknown, retryable?: unknown, retryAfter?: unknown } | null
  if (thrown && typeof thrown === 'object' && typeof thrown.code === 'string' && typeof thrown.retryable === 'boolean') {
    // A provider bundled elsewhere has its own copy of the class: its shape is what counts.
    return new SyncError(thrown.code as SyncErrorCode, String(thrown.message ?? thrown.code), {
      retryable: thrown.retryable,
      retryAfter: typeof thrown.retryAfter === 'number' ? thrown.retryAfter : undefined,
      cause: error,
    })
  }
  return new SyncError('UNKNOWN', thrown && typeof thrown === 'object' && thrown.message ? String(thrown.message) : String(error), { cause: error })
}
