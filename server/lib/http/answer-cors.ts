import { getRequestHeader, handleCors, isPreflightRequest, setResponseHeader } from 'h3'
import type { H3Event } from 'h3'
import { MARK_HEADER, PROTOCOL_HEADER, USER_HEADER } from '#or3-sync/shared/sync/protocol/limits'

/** Seconds for which a browser need not send another preflight. */
const PREFLIGHT_MAX_AGE = 600

/**
 * Lets pages of the listed origins read replies, with their cookies. Other origins get no CORS headers.
 *
 * @returns whether this was a preflight, which is now answered
 */
export function answerCors(event: H3Event, allowed: readonly string[]): boolean {
  const origin = getRequestHeader(event, 'origin')
  if (origin === undefined || !allowed.includes(origin)) return false
  // Set first: `handleCors` sends a preflight's reply, and does not set this header.
  if (isPreflightRequest(event)) setResponseHeader(event, 'access-control-max-age', PREFLIGHT_MAX_AGE)
  return handleCors(event, {
    origin: [origin],
    credentials: true,
    methods: ['GET', 'POST'],
    allowHeaders: ['content-type', 'content-encoding', 'last-event-id', PROTOCOL_HEADER, USER_HEADER, MARK_HEADER],
    exposeHeaders: ['retry-after', 'accept-encoding', PROTOCOL_HEADER, MARK_HEADER],
    preflight: { statusCode: 204 },
  })
}
