import { SyncError } from '../../../../shared/sync/protocol/errors'
import { PROTOCOL_HEADER } from '../../../../shared/sync/protocol/limits'
import { gatewayError } from './gateway-error'

/**
 * The gateway's reply. A page that a proxy, or another module of the app, sends with status 200 is none.
 *
 * @throws SyncError the gateway's verdict; or a passing failure
 */
export async function readGatewayReply<T>(response: Response): Promise<T> {
  if (!response.ok || !response.headers.get(PROTOCOL_HEADER)) throw await gatewayError(response)
  try { return await response.json() as T }
  catch (cause) { throw new SyncError('NETWORK_ERROR', 'the gateway\'s reply was cut off', { cause }) }
}
