import { linkSignals } from '../core/sync/environment/link-signals'
import { readGatewayReply } from '../core/sync/transport/gateway/read-gateway-reply'
import { SyncError } from '../shared/sync/protocol/errors'
import { GATEWAY_BASE, REQUEST_TIMEOUT_MS, USER_HEADER } from '../shared/sync/protocol/limits'

export type SyncTokenAnswer =
  | { kind: 'token', token: string }
  /** Nobody is signed in at the server. */
  | { kind: 'nobody' }
  /** The server has no key to sign with: it never will have a token. */
  | { kind: 'none' }

interface TokenOwner {
  baseURL: string
  userId?: string
}

/**
 * Asks the app's server for this user's token for the store itself. What gets no answer in 30 s has failed.
 *
 * @throws SyncError `USER_CHANGED` when somebody else is signed in; else when there was no answer, or none of the three.
 */
export async function fetchSyncToken(whose: TokenOwner): Promise<SyncTokenAnswer> {
  // The reason is no `TimeoutError`: that would make batches smaller, and this is not about them.
  const late = () => new SyncError('NETWORK_ERROR', 'the app\'s server did not answer with a token in time')
  const { signal, release } = linkSignals([], { timeoutMs: REQUEST_TIMEOUT_MS, late })
  try { return await readAnswer(await askForToken(whose, signal)) }
  finally { release() }
}

async function askForToken({ baseURL, userId }: TokenOwner, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(`${baseURL}${GATEWAY_BASE}/token`, {
      credentials: 'same-origin', cache: 'no-store', headers: userId === undefined ? {} : { [USER_HEADER]: encodeURIComponent(userId) }, signal,
    })
  }
  catch (cause) {
    throw new SyncError('NETWORK_ERROR', 'the app\'s server cannot be reached for a token', { cause })
  }
}

async function readAnswer(response: Response): Promise<SyncTokenAnswer> {
  if (response.status === 401) return { kind: 'nobody' }
  try { return { kind: 'token', token: (await readGatewayReply<{ token: string }>(response)).token } }
  catch (error) {
    // A stranger's 404 is not known by this code.
    if (error instanceof SyncError && error.code === 'NOT_FOUND') return { kind: 'none' }
    throw error
  }
}
