import { GATEWAY_BASE } from '../shared/sync/limits'
import type { SessionResponse } from '../shared/sync/types'
import { readKnownSession, type KnownSession } from './read-known-session'

const TIMEOUT_MS = 30_000

export type SessionAnswer =
  | { kind: 'user', session: KnownSession }
  /** Nobody is signed in. */
  | { kind: 'nobody' }
  /** Nothing came that could be believed: it says nothing about who is signed in. */
  | { kind: 'none' }

/** Asks the app's server who is signed in. */
export async function askSession(baseURL: string): Promise<SessionAnswer> {
  try {
    const response = await fetch(`${baseURL}${GATEWAY_BASE}/session`, { credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const body = await response.json() as Partial<SessionResponse> & { data?: { code?: unknown } }
    // An app's own session may say so by an error.
    if (response.status === 401 && body.data?.code === 'UNAUTHORIZED') return { kind: 'nobody' }
    if (!response.ok) return { kind: 'none' }
    if (body.status === 'unauthenticated') return { kind: 'nobody' }
    if (body.status === 'authenticated') return { kind: 'user', session: readKnownSession(body) }
  }
  catch { /* No network, a proxy's page, or a session out of form. */ }
  return { kind: 'none' }
}
