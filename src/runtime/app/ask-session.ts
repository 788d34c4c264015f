import { linkSignals } from '../core/sync/environment/link-signals'
import { readGatewayReply } from '../core/sync/transport/gateway/read-gateway-reply'
import { toSyncError } from '../shared/sync/protocol/errors'
import { GATEWAY_BASE, PROTOCOL_HEADER, REQUEST_TIMEOUT_MS } from '../shared/sync/protocol/limits'
import type { SessionResponse } from '../shared/sync/protocol/types'
import { readKnownSession, type KnownSession } from './read-known-session'

export type SessionAnswer =
  | { kind: 'user', session: KnownSession }
  /** Nobody is signed in. */
  | { kind: 'nobody' }
  /** There was no answer, or not one of the gateway's. It is not known who is signed in. */
  | { kind: 'none' }

/** Asks the app's server who is signed in. */
export async function askSession(baseURL: string): Promise<SessionAnswer> {
  const { signal, release } = linkSignals([], { timeoutMs: REQUEST_TIMEOUT_MS })
  try { return await readAnswer(await fetch(`${baseURL}${GATEWAY_BASE}/session`, { credentials: 'same-origin', cache: 'no-store', signal })) }
  // No network, a proxy's error page, or a malformed session.
  catch { return { kind: 'none' } }
  finally { release() }
}

async function readAnswer(response: Response): Promise<SessionAnswer> {
  try {
    const body = await readGatewayReply<SessionResponse>(response)
    if (body.status === 'unauthenticated') return { kind: 'nobody' }
    if (body.status === 'authenticated') return { kind: 'user', session: readKnownSession(body) }
  }
  catch (error) {
    // The app's session hook may throw a 401 instead of answering null. The header shows that the gateway sent it, and not a proxy.
    if (response.status === 401 && response.headers.has(PROTOCOL_HEADER) && toSyncError(error).code === 'UNAUTHORIZED') return { kind: 'nobody' }
  }
  return { kind: 'none' }
}
