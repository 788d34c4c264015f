import { REQUEST_MAX_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import { GatewayError } from '../errors/gateway-error'

/** Why a body cannot be taken. */
export const bodyError = {
  tooLarge: () => new GatewayError(413, 'OVERSIZED', `a request has at most ${REQUEST_MAX_BYTES} bytes; send fewer ops`, { connection: 'close' }),
  /** Nothing is wrong with the request itself: the client tries again. */
  tooSlow: (ms: number) => new GatewayError(408, 'NETWORK_ERROR', `the body did not arrive within ${ms / 1_000} s`, { connection: 'close' }),
  incomplete: () => new GatewayError(400, 'VALIDATION_ERROR', 'the connection closed before the whole body arrived'),
  noGzip: () => new GatewayError(400, 'VALIDATION_ERROR', 'content-encoding is gzip, and the body is not'),
  noJson: () => new GatewayError(400, 'VALIDATION_ERROR', 'the body is not valid JSON'),
}
