import { createHash, timingSafeEqual } from 'node:crypto'
import { getRequestHeader, setResponseHeader } from 'h3'
import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { GatewayError } from '../errors/gateway-error'
import { PlainText } from '../http/plain-text'

/** `GET /metrics`: what the server has counted, for a scraper that has the token. 404 if no token is configured. */
export async function metricsRoute(event: H3Event, { options: { metrics }, settings: { metricsToken } }: GatewayContext): Promise<PlainText> {
  if (!metrics || !metricsToken) throw new GatewayError(404, 'NOT_FOUND', 'there is no such sync route')
  const given = /^Bearer (.+)$/i.exec(getRequestHeader(event, 'authorization') ?? '')?.[1] ?? ''
  if (!isSame(given, metricsToken)) throw new GatewayError(401, 'UNAUTHORIZED', 'send the metrics token', { 'www-authenticate': 'Bearer' })
  const { text, contentType } = await metrics.text()
  setResponseHeader(event, 'cache-control', 'no-store')
  return new PlainText(text, contentType)
}

/** Takes the same time wherever the two differ, so that the time does not help to guess the token. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
