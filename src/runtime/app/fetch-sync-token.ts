import { linkSignals } from '../core/sync/environment/link-signals'
import { readGatewayReply } from '../core/sync/transport/gateway/read-gateway-reply'
import { SyncError } from '../shared/sync/protocol/errors'
import { GATEWAY_BASE, REQUEST_TIMEOUT_MS, USER_HEADER } from '../shared/sync/protocol/limits'

export type SyncTokenAnswer =
  | { kind: 'token', token: string }
  /** Nobody is signed in at the server. */
  | { kind: 'nobody' }
  /** The server has no key to sign with, so it never hands out tokens. */
  | { kind: 'none' }

interface TokenOwner {
  baseURL: string
  userId?: string
}

/**
 * Asks the app's server for a token with which this user's browser can speak to the store directly. Fails after 30 s without an answer.
 *
 * @throws SyncError `USER_CHANGED` when somebody else is signed in. `NETWORK_ERROR` without an answer, or the error that the server answered.
 */
export async function fetchSyncToken(whose: TokenOwner): Promise<SyncTokenAnswer> {
  // Not a `TimeoutError`: the engine answers those with smaller batches, which would not help here.
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
    // Only the gateway's own 404 has this code; a proxy's 404 has another one.
    if (error instanceof SyncError && error.code === 'NOT_FOUND') return { kind: 'none' }
    throw error
  }
}
