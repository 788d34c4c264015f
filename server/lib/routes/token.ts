import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { GatewayError } from '../errors/gateway-error'
import type { SyncToken } from '../tokens/token-issuer'

/** `GET /token`: a short-lived token for the store itself, if a key is configured. */
export async function tokenRoute(event: H3Event, context: GatewayContext): Promise<SyncToken> {
  const { tokens } = context.options
  if (!tokens) throw new GatewayError(404, 'NOT_FOUND', 'no signing key is configured')
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'token')
  return tokens.mintToken(session.userId)
}
