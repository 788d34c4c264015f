import { SYNC_ERROR_CODES, SyncError } from '../../../shared/sync/errors'
import type { SyncErrorCode } from '../../../shared/sync/types'

/** What the status says where the body does not name a code of ours. */
const CODES: Record<number, SyncErrorCode> = {
  400: 'VALIDATION_ERROR', 401: 'UNAUTHORIZED', 403: 'UNAUTHORIZED', 404: 'SYNC_DISABLED', 413: 'OVERSIZED', 415: 'VALIDATION_ERROR',
  426: 'UNSUPPORTED_PROTOCOL', 429: 'RATE_LIMITED', 503: 'SERVER_ERROR',
}
/** Of no use to try again unchanged. */
const PERMANENT: ReadonlySet<number> = new Set([400, 413, 415, 426])

/** A refused request of the gateway as a `SyncError`: its code decides, its text is for people. */
export async function gatewayError(response: Response): Promise<SyncError> {
  const { status } = response
  const body = await response.json().catch(() => null) as { data?: { code?: unknown, message?: unknown } } | null
  const message = typeof body?.data?.message === 'string' ? body.data.message : `the gateway answered ${status}`
  // A 403 of ours is about the user; one of a proxy, or about the page's origin, will pass.
  const isBarred = status === 403 && typeof body?.data?.code === 'string' && body.data.code !== 'FOREIGN_ORIGIN'
  const named = SYNC_ERROR_CODES.find(code => code === body?.data?.code)
  return new SyncError(named ?? CODES[status] ?? (status >= 500 ? 'SERVER_ERROR' : 'UNKNOWN'), message, {
    status,
    retryable: !PERMANENT.has(status) && !isBarred,
    retryAfter: readRetryAfter(response.headers.get('retry-after')),
  })
}

/** Seconds or an HTTP date, as milliseconds from now. */
function readRetryAfter(header: string | null): number | undefined {
  if (!header) return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
