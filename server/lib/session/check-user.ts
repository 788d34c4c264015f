import { getQuery, getRequestHeader } from 'h3'
import type { H3Event } from 'h3'
import { USER_HEADER } from '#or3-sync/shared/sync/protocol/limits'
import { GatewayError } from '../errors/gateway-error'
import type { GatewaySession } from './gateway-session'

/**
 * Refuses a request that is made for another user than the one who is signed in: a page that was opened as Ann sends the cookie of
 * whoever has signed in since. A request that names nobody is not checked.
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
    // A comma or space is percent-encoded there. One that is not says that the header came twice, and not that this is another user.
    if (!/[\s,]/.test(header)) return decodeURIComponent(header)
  }
  catch { /* no form of any id */ }
  throw new GatewayError(400, 'VALIDATION_ERROR', `${USER_HEADER}: must be a user id in the form of encodeURIComponent`)
}
