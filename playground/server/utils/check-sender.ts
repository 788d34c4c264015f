import { getRequestHeader } from 'h3'
import type { H3Event } from 'h3'
import { isForeignOrigin } from 'or3-sync/server'
import { refuse } from './refuse'

const METHODS_THAT_CHANGE_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Bodies only hold names and roles, so they are small. */
const MAX_BODY_BYTES = 16 * 1024

/**
 * Accepts a request that changes something only from this app's own pages, and only as JSON. Browsers send the user's cookies also with a
 * form on another site, but such a form can neither hide its origin nor send JSON. The routes under `/api/sync` have checks of their own.
 *
 * @throws h3 error 403 of another site, 415 not JSON, 411 or 413 a body without a length or over 16 KiB
 */
export function checkSender(event: H3Event): void {
  if (METHODS_THAT_CHANGE_NOTHING.has(event.method) || event.path.startsWith('/api/sync/')) return
  if (isForeignOrigin(event) || isOfAnotherSite(event)) throw refuse(403, 'only pages of this site may ask for this')
  const length = getRequestHeader(event, 'content-length')
  if (getRequestHeader(event, 'transfer-encoding') !== undefined) throw refuse(411, 'send the body with its content-length')
  if (Number(length) > MAX_BODY_BYTES) throw refuse(413, `the body has at most ${MAX_BODY_BYTES} bytes`)
  const type = getRequestHeader(event, 'content-type')
  if (type === undefined && !Number(length)) return
  if (type?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') throw refuse(415, 'send JSON: content-type must be application/json')
}

/** Whether the browser's headers say that another site sent the request. Old browsers and other programs send no such headers. */
function isOfAnotherSite(event: H3Event): boolean {
  const site = getRequestHeader(event, 'sec-fetch-site')
  return site === 'cross-site' || site === 'same-site'
}
