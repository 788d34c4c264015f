import { SyncError } from '../../../../shared/sync/protocol/errors'
import { PROTOCOL_HEADER } from '../../../../shared/sync/protocol/limits'
import { RETRY_POLICY } from '../../../../shared/sync/protocol/retry-policy'
import type { WireErrorCode } from '../../../../shared/sync/protocol/types'
import { gatewayVerdict } from './gateway-verdict'

/** Error codes for answers that are not the gateway's, by status. All of them are retryable. */
const STRANGERS: Record<number, WireErrorCode> = { 401: 'UNAUTHORIZED', 413: 'OVERSIZED', 429: 'RATE_LIMITED' }

/**
 * Turns an answer that is no success into a `SyncError`. A refusal of the gateway keeps its code. Anything else is `retryable`.
 *
 * `VALIDATION_ERROR` is `retryable` as well: the gateway reports bad ops in the results of a 200. If it cannot read the request as a whole,
 * something on the way has damaged it.
 */
export async function gatewayError(response: Response): Promise<SyncError> {
  const { status } = response
  const body = await response.json().catch(() => null) as { data?: { code?: unknown, message?: unknown } | null } | null
  const verdict = gatewayVerdict({ status, code: body?.data?.code, protocol: response.headers.get(PROTOCOL_HEADER) })
  const retryAfter = readRetryAfter(response.headers.get('retry-after'))
  if (!verdict) return strangerError(status, retryAfter)
  const said = typeof body?.data?.message === 'string' ? body.data.message : `the gateway answered ${status}`
  const message = verdict === 'VALIDATION_ERROR' ? `the gateway could not read the request, which something on the way may have changed: ${said}` : said
  // A 403 means that this user may not, so a retry does not help. The exception is `FOREIGN_ORIGIN`. A 401 only asks for a session.
  const isBarred = status === 403 && verdict !== 'FOREIGN_ORIGIN'
  return new SyncError(verdict, message, { status, retryable: !RETRY_POLICY[verdict].isFinalAtGateway && !isBarred, retryAfter })
}

function strangerError(status: number, retryAfter: number | undefined): SyncError {
  const code = STRANGERS[status] ?? (status >= 500 ? 'SERVER_ERROR' : 'UNKNOWN')
  const message = `the answer ${status} is not the sync gateway's: something on the way, or another handler of this path, has spoken`
  return new SyncError(code, message, { status, retryable: true, retryAfter })
}

/** Reads the header `Retry-After` (seconds, or an HTTP date) as milliseconds from now. */
function readRetryAfter(header: string | null): number | undefined {
  if (!header) return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
