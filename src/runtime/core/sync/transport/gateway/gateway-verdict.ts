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

/** What is needed to tell a refusal of the gateway from an answer of something else, such as a proxy. */
export interface RefusedAnswer {
  status: number
  /** `data.code` of the body. */
  code: unknown
  /** The header `x-or3-sync-protocol`. */
  protocol: string | null
}

/**
 * The code of a refusal that came from the gateway itself: one of its codes, with a status that belongs to that code. Null: a proxy or another
 * handler of the path has answered instead, so the answer says nothing about the request.
 */
export function gatewayVerdict({ status, code, protocol }: RefusedAnswer): WireErrorCode | null {
  if (!protocol || !isWireErrorCode(code)) return null
  if (code === 'SERVER_ERROR') return status >= 500 ? code : null
  return STATUSES[code]?.includes(status) ? code : null
}
