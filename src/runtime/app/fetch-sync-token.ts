import { readGatewayReply } from '../core/sync/transport/gateway/read-gateway-reply'
import { SyncError } from '../shared/sync/protocol/errors'
import { GATEWAY_BASE, USER_HEADER } from '../shared/sync/protocol/limits'

export type SyncTokenAnswer =
  | { kind: 'token', token: string }
  /** Nobody is signed in at the server. */
  | { kind: 'nobody' }
  /** The server has no key to sign with: it never will have a token. */
  | { kind: 'none' }

/**
 * Asks the app's server for this user's token for the store itself.
 *
 * @throws SyncError `USER_CHANGED` when somebody else is signed in; else when there was no answer, or none of the three.
 */
export async function fetchSyncToken({ baseURL, userId }: { baseURL: string, userId?: string }): Promise<SyncTokenAnswer> {
  let response: Response
  try {
    response = await fetch(`${baseURL}${GATEWAY_BASE}/token`, {
      credentials: 'same-origin', cache: 'no-store', headers: userId === undefined ? {} : { [USER_HEADER]: encodeURIComponent(userId) },
    })
  }
  catch (cause) {
    throw new SyncError('NETWORK_ERROR', 'the app\'s server cannot be reached for a token', { cause })
  }
  if (response.status === 401) return { kind: 'nobody' }
  try { return { kind: 'token', token: (await readGatewayReply<{ token: string }>(response)).token } }
  catch (error) {
    // A stranger's 404 is not known by this code.
    if (error instanceof SyncError && error.code === 'NOT_FOUND') return { kind: 'none' }
    throw error
  }
}
