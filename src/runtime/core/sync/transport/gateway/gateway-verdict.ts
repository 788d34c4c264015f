import { isWireErrorCode } from '../../../../shared/sync/protocol/errors'
import type { WireErrorCode } from '../../../../shared/sync/protocol/types'

const STATUSES: Partial<Record<WireErrorCode, readonly number[]>> = {
  VALIDATION_ERROR: [400, 415],
  UNAUTHORIZED: [401, 403],
  READ_ONLY: [403],
  FOREIGN_ORIGIN: [403],
  SYNC_DISABLED: [404],
  NOT_FOUND: [404, 405],
  NETWORK_ERROR: [408],
  USER_CHANGED: [409],
  OVERSIZED: [413],
  UNSUPPORTED_PROTOCOL: [426],
  RATE_LIMITED: [429],
}

/** What tells the gateway's refusals from a stranger's. */
export interface RefusedAnswer {
  status: number
  /** `data.code` of its body. */
  code: unknown
  /** Its header `x-or3-sync-protocol`. */
  protocol: string | null
}

/**
 * The code of a refusal that the gateway itself has spoken: one of its codes, at a status at which it says that code. Null: a
 * proxy, or another handler of the path, answered in its place, and what that says of a request means nothing.
 */
export function gatewayVerdict({ status, code, protocol }: RefusedAnswer): WireErrorCode | null {
  if (!protocol || !isWireErrorCode(code)) return null
  if (code === 'SERVER_ERROR') return status >= 500 ? code : null
  return STATUSES[code]?.includes(status) ? code : null
}
