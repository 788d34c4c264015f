import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { GatewayError } from '../errors/gateway-error'

/** `GET /.well-known/jwks.json`: the public halves of the keys that sign tokens. Needs no session. */
export async function jwksRoute(_event: H3Event, context: GatewayContext) {
  const { tokens } = context.options
  if (!tokens) throw new GatewayError(404, 'NOT_FOUND', 'no signing key is configured')
  return tokens.jwks()
}
