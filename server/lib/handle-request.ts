import { getRequestHeader, isError, send, setResponseHeader, setResponseStatus } from 'h3'
import type { H3Event } from 'h3'
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '#or3-sync/shared/sync/limits'
import { answerCors } from './answer-cors'
import { BackendUnavailableError } from './backend-unavailable-error'
import { checkOrigin } from './check-origin'
import type { GatewayContext } from './gateway-context'
import { GatewayError } from './gateway-error'
import { JsonText } from './json-text'

export type GatewayRoute = (event: H3Event, context: GatewayContext) => Promise<unknown>

/**
 * What all routes have in common: the first checks, the form of replies and errors. Errors are answered here and
 * never thrown on, because a host's error page (Nuxt renders HTML) is no answer to a sync client.
 */
export async function handleRequest(event: H3Event, context: GatewayContext, route: GatewayRoute): Promise<unknown> {
  try {
    if (!context.isEnabled()) throw new GatewayError(404, 'SYNC_DISABLED', 'sync is off on this server')
    const { allowedOrigins = [] } = context.options
    checkOrigin(event, allowedOrigins)
    if (answerCors(event, allowedOrigins)) return
    checkProtocol(event)
    const reply = await route(event, context)
    // A stream has answered by itself.
    if (event.node.res.headersSent) return
    return sendJson(event, reply instanceof JsonText ? reply.text : JSON.stringify(reply))
  }
  catch (error) {
    if (event.node.res.headersSent) return
    const problem = toGatewayError(error, context)
    setResponseStatus(event, problem.statusCode)
    for (const [name, value] of Object.entries(problem.headers)) setResponseHeader(event, name, value)
    return sendJson(event, JSON.stringify(problem))
  }
}

/** @throws GatewayError 426 */
function checkProtocol(event: H3Event): void {
  const version = getRequestHeader(event, PROTOCOL_HEADER)
  if (version === undefined || version === String(PROTOCOL_VERSION)) return
  throw new GatewayError(426, 'UNSUPPORTED_PROTOCOL', `this server speaks sync protocol ${PROTOCOL_VERSION}; reload to get the matching client`)
}

function sendJson(event: H3Event, text: string) {
  setResponseHeader(event, 'cache-control', 'no-store')
  setResponseHeader(event, 'x-content-type-options', 'nosniff')
  return send(event, text, 'application/json')
}

function toGatewayError(error: unknown, { options }: GatewayContext): GatewayError {
  if (error instanceof GatewayError) return error
  if (error instanceof BackendUnavailableError) {
    options.logger?.warn('[or3-sync] the store does not answer', error)
    return new GatewayError(503, 'SERVER_ERROR', 'the store does not answer at the moment', { 'retry-after': String(error.retryAfter) })
  }
  // The app's own `session` may refuse a request with h3's error.
  if (isError(error) && error.statusCode >= 400 && error.statusCode < 500) {
    return new GatewayError(error.statusCode, 'UNAUTHORIZED', error.statusMessage || 'refused')
  }
  options.logger?.error('[or3-sync] a request failed', error)
  return new GatewayError(500, 'SERVER_ERROR', 'the server failed to answer; its log says why')
}
