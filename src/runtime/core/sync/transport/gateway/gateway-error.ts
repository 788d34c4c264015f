import { SyncError } from '../../../../shared/sync/protocol/errors'
import { PROTOCOL_HEADER } from '../../../../shared/sync/protocol/limits'
import type { WireErrorCode } from '../../../../shared/sync/protocol/types'
import { gatewayVerdict } from './gateway-verdict'

/** Of no use to try again unchanged. */
const PERMANENT: ReadonlySet<WireErrorCode> = new Set(['OVERSIZED', 'UNSUPPORTED_PROTOCOL'])

/** What the status alone says of an answer that is not the gateway's. Whatever it is, it may pass. */
const STRANGERS: Record<number, WireErrorCode> = { 401: 'UNAUTHORIZED', 413: 'OVERSIZED', 429: 'RATE_LIMITED' }

/**
 * An answer that is no reply, as a `SyncError`. A verdict of the gateway keeps its code; anything else is `retryable`.
 * So is `VALIDATION_ERROR`: the gateway judges ops in the results of a 200 only. A request that it cannot read was damaged on its way.
 */
export async function gatewayError(response: Response): Promise<SyncError> {
  const { status } = response
  const body = await response.json().catch(() => null) as { data?: { code?: unknown, message?: unknown } | null } | null
  const verdict = gatewayVerdict({ status, code: body?.data?.code, protocol: response.headers.get(PROTOCOL_HEADER) })
  const retryAfter = readRetryAfter(response.headers.get('retry-after'))
  if (!verdict) return strangerError(status, retryAfter)
  const said = typeof body?.data?.message === 'string' ? body.data.message : `the gateway answered ${status}`
  const message = verdict === 'VALIDATION_ERROR' ? `the gateway could not read the request, which something on the way may have changed: ${said}` : said
  // A 403 is about the user, who may not; only that of a foreign page passes, and 401 asks for a session.
  const isBarred = status === 403 && verdict !== 'FOREIGN_ORIGIN'
  return new SyncError(verdict, message, { status, retryable: !PERMANENT.has(verdict) && !isBarred, retryAfter })
}

function strangerError(status: number, retryAfter: number | undefined): SyncError {
  const code = STRANGERS[status] ?? (status >= 500 ? 'SERVER_ERROR' : 'UNKNOWN')
  const message = `the answer ${status} is not the sync gateway's: something on the way, or another handler of this path, has spoken`
  return new SyncError(code, message, { status, retryable: true, retryAfter })
}

/** Seconds or an HTTP date, as milliseconds from now. */
function readRetryAfter(header: string | null): number | undefined {
  if (!header) return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
