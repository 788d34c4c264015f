import { getRequestHeader, isError, setResponseHeader, setResponseStatus } from 'h3'
import type { H3Event } from 'h3'
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '#or3-sync/shared/sync/protocol/limits'
import { answerCors } from '../http/answer-cors'
import { BackendUnavailableError } from '../errors/backend-unavailable-error'
import { checkOrigin } from '../http/check-origin'
import { discardBody } from '../http/discard-body'
import type { GatewayContext } from '../context/gateway-context'
import { GatewayError } from '../errors/gateway-error'
import { ServiceError } from '../errors/service-error'
import { sendReply } from './send-reply'
import { whenGone } from '../http/when-gone'
import { JsonBytes } from '../http/json-bytes'
import { PlainText } from '../http/plain-text'

const SERVICE_STATUS = { OVERSIZED: 413, VALIDATION_ERROR: 400 } as const satisfies Record<ServiceError['code'], number>

export type GatewayRoute = (event: H3Event, context: GatewayContext) => Promise<unknown>

/** Runs a route. Counts its request as under way until it ends, and frees the memory that it held, whatever the route does. */
export async function handleRequest(event: H3Event, context: GatewayContext, route: GatewayRoute, name: string): Promise<unknown> {
  const startedAt = performance.now()
  const end = context.requests.begin()
  try {
    return await answer(event, context, route, name)
  }
  finally {
    end()
    whenGone(event.node.res, () => context.work.release(event))
    const status = event.node.res.statusCode
    const isStream = name === 'subscribe' && status < 400
    context.options.metrics?.answered({ route: name, status, seconds: isStream ? undefined : (performance.now() - startedAt) / 1_000 })
  }
}

/**
 * What all routes share: the first checks, and the form of replies and errors. Errors are answered here and never thrown on, because a host's
 * error page (Nuxt renders HTML) is no answer for a sync client.
 */
async function answer(event: H3Event, context: GatewayContext, route: GatewayRoute, name: string): Promise<unknown> {
  // Shows the client that the gateway has answered, and not a proxy in between.
  setResponseHeader(event, PROTOCOL_HEADER, String(PROTOCOL_VERSION))
  setResponseHeader(event, 'accept-encoding', 'gzip')
  try {
    if (!context.isEnabled()) throw new GatewayError(404, 'SYNC_DISABLED', 'sync is off on this server')
    const { allowedOrigins } = context.settings
    checkOrigin(event, allowedOrigins)
    if (answerCors(event, allowedOrigins)) return
    checkProtocol(event)
    const reply = await route(event, context)
    // A stream has already sent its answer.
    if (event.node.res.headersSent) return
    if (reply instanceof PlainText) return await sendReply(event, context, Buffer.from(reply.text), reply.contentType)
    if (!(reply instanceof JsonBytes)) return await sendJson(event, context, Buffer.from(JSON.stringify(reply)))
    context.byteRates.count('out', reply.userId, reply.bytes.byteLength)
    return await sendJson(event, context, reply.bytes)
  }
  catch (error) {
    if (event.node.res.headersSent) return
    const problem = toGatewayError(error, context, name)
    context.options.logger?.debug?.('[or3-sync] refused', { route: name, status: problem.statusCode, code: problem.code })
    setResponseStatus(event, problem.statusCode)
    for (const [header, value] of Object.entries(problem.headers)) setResponseHeader(event, header, value)
    discardBody(event.node.req)
    return await sendJson(event, context, Buffer.from(JSON.stringify(problem)))
  }
}

/** @throws GatewayError 426 */
function checkProtocol(event: H3Event): void {
  const version = getRequestHeader(event, PROTOCOL_HEADER)
  if (version === undefined || version === String(PROTOCOL_VERSION)) return
  throw new GatewayError(426, 'UNSUPPORTED_PROTOCOL', `this server speaks sync protocol ${PROTOCOL_VERSION}; reload to get the matching client`)
}

function sendJson(event: H3Event, context: GatewayContext, bytes: Buffer): Promise<void> {
  setResponseHeader(event, 'cache-control', 'no-store')
  setResponseHeader(event, 'x-content-type-options', 'nosniff')
  return sendReply(event, context, bytes, 'application/json')
}

function toGatewayError(error: unknown, context: GatewayContext, route: string): GatewayError {
  if (error instanceof GatewayError) return error
  if (error instanceof ServiceError) return new GatewayError(SERVICE_STATUS[error.code], error.code, error.message)
  if (error instanceof BackendUnavailableError) {
    context.storeTrouble.report(error)
    return new GatewayError(503, 'SERVER_ERROR', 'the store does not answer at the moment', { 'retry-after': String(error.retryAfter) })
  }
  // The app's own `session` may refuse a request with h3's error.
  if (isError(error) && error.statusCode >= 400 && error.statusCode < 500) {
    return new GatewayError(error.statusCode, 'UNAUTHORIZED', error.statusMessage || 'refused')
  }
  context.options.logger?.error('[or3-sync] a request failed', { route, error })
  return new GatewayError(500, 'SERVER_ERROR', 'the server failed to answer; its log says why')
}
