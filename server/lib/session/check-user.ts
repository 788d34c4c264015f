import { getQuery, getRequestHeader } from 'h3'
import type { H3Event } from 'h3'
import { USER_HEADER } from '#or3-sync/shared/sync/protocol/limits'
import { GatewayError } from '../errors/gateway-error'
import type { GatewaySession } from './gateway-session'

/**
 * Refuses a request that is made for another user than the one who is signed in. Example: Ann opens a page, then Ben signs in in another tab.
 * Ann's page now sends Ben's cookie. A request that names no user is not checked.
 *
 * @throws GatewayError 409; 400 for a header that is not percent-encoded
 */
export function checkUser(event: H3Event, { userId }: GatewaySession): void {
  const header = getRequestHeader(event, USER_HEADER)
  // For readers that cannot set headers, such as EventSource.
  const { user } = getQuery(event)
  if ((header === undefined || decode(header) === userId) && (user === undefined || user === userId)) return
  throw new GatewayError(409, 'USER_CHANGED', 'this request is made for a user who is not the one signed in')
}

function decode(header: string): string {
  try {
    // Clients percent-encode commas and spaces. A bare one means that the header came twice, not that this is another user.
    if (!/[\s,]/.test(header)) return decodeURIComponent(header)
  }
  catch { /* not percent-encoded */ }
  throw new GatewayError(400, 'VALIDATION_ERROR', `${USER_HEADER}: must be a user id in the form of encodeURIComponent`)
}
