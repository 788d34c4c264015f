import { RETRY_POLICY } from './retry-policy'
import type { ClientErrorCode, SyncErrorCode, WireErrorCode } from './types'

/** Whether trying again can help, for the codes that only a client gives. */
const RETRYABLE: Record<ClientErrorCode, boolean> = { UNSYNCED_WORK: false, NEWER_DATABASE: false, DATABASE_REPLACED: false, OVERTAKEN: true, STOPPED: true, HELD: false }

export function isWireErrorCode(code: unknown): code is WireErrorCode {
  return typeof code === 'string' && Object.hasOwn(RETRY_POLICY, code)
}

export interface SyncErrorDetails {
  /** Overrides the `retryable` that the code implies. */
  retryable?: boolean
  /** Milliseconds that the other side asked us to wait. */
  retryAfter?: number
  /** HTTP status, where there was one. */
  status?: number
  /** With `UNSYNCED_WORK`: how many edits would be lost. */
  count?: number
  /** With an error of a server's `write`: the place of the edit in its list. */
  index?: number
  /** With an error of the server's reads and writes: the declared name of the table, the record's key, and the field that is wrong. */
  table?: string
  pk?: string
  field?: string
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
  readonly index?: number
  readonly table?: string
  readonly pk?: string
  readonly field?: string

  constructor(code: SyncErrorCode, message: string, details: SyncErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryable = details.retryable ?? (isWireErrorCode(code) ? RETRY_POLICY[code].retryable : RETRYABLE[code] === true)
    this.retryAfter = details.retryAfter
    this.status = details.status
    this.count = details.count
    this.index = details.index
    this.table = details.table
    this.pk = details.pk
    this.field = details.field
  }
}

/** Anything thrown, as a `SyncError`. Unknown failures count as transient, so that no edit is given up by mistake. */
export function toSyncError(error: unknown): SyncError {
  if (error instanceof SyncError) return error
  const thrown = error as { code?: unknown, message?: unknown, retryable?: unknown, retryAfter?: unknown } | null
  if (thrown && typeof thrown === 'object' && isWireErrorCode(thrown.code) && typeof thrown.retryable === 'boolean') {
    // A provider in another bundle has its own copy of the class, so `instanceof` fails. An error of the same shape counts as well.
    return new SyncError(thrown.code, String(thrown.message ?? thrown.code), {
      retryable: thrown.retryable,
      retryAfter: retryAfterOf(thrown),
      cause: error,
    })
  }
  return new SyncError('UNKNOWN', thrown && typeof thrown === 'object' && thrown.message ? String(thrown.message) : String(error), { retryAfter: retryAfterOf(thrown), cause: error })
}

/** Whoever asks for a pause gets it, whatever else the error says. */
function retryAfterOf(thrown: { retryAfter?: unknown } | null): number | undefined {
  return thrown && typeof thrown === 'object' && typeof thrown.retryAfter === 'number' ? thrown.retryAfter : undefined
}

/** A `SyncError` with a code that a server, a store or a provider may use. */
export type WireError = SyncError & { readonly code: WireErrorCode }

/** What a provider threw, as a `SyncError`. A code that only this client may use (`ClientErrorCode`) becomes `UNKNOWN`. */
export function toWireError(thrown: unknown): WireError {
  const error = toSyncError(thrown)
  return (isWireErrorCode(error.code) ? error : new SyncError('UNKNOWN', error.message, { retryAfter: error.retryAfter, cause: error })) as WireError
}
