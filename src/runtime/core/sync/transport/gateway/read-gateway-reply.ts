import { SyncError } from '../../../../shared/sync/protocol/errors'
import { PROTOCOL_HEADER } from '../../../../shared/sync/protocol/limits'
import { gatewayError } from './gateway-error'

/**
 * Reads the gateway's reply. A page that a proxy or another handler sends with status 200 does not count as one.
 *
 * @throws SyncError the gateway's refusal, or a retryable error
 */
export async function readGatewayReply<T>(response: Response): Promise<T> {
  if (!response.ok || !response.headers.get(PROTOCOL_HEADER)) throw await gatewayError(response)
  try { return await response.json() as T }
  catch (cause) { throw new SyncError('NETWORK_ERROR', 'the gateway\'s reply was cut off', { cause }) }
}
