import type { H3Event } from 'h3'
import type { GatewayContext } from '../gateway-context'
import { GatewayError } from '../gateway-error'

/** `GET /token`: a short-lived token for the store itself, where a key is configured. */
export async function tokenRoute(event: H3Event, context: GatewayContext) {
  const { token } = context.options
  if (!token) throw new GatewayError(404, 'NOT_FOUND', 'no signing key is configured')
  return token(event, await context.requireSession(event))
}
