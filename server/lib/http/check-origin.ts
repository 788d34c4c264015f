import type { H3Event } from 'h3'
import { GatewayError } from '../errors/gateway-error'
import { isForeignOrigin } from './is-foreign-origin'

/**
 * Refuses requests that a page of another site made with this site's cookies.
 *
 * @throws GatewayError 403
 */
export function checkOrigin(event: H3Event, allowed: readonly string[]): void {
  if (isForeignOrigin(event, allowed)) throw new GatewayError(403, 'FOREIGN_ORIGIN', 'requests from another origin are not accepted')
}
