import { getRequestProtocol } from 'h3'
import type { H3Event } from 'h3'

/** The name of the cookie of `nuxt-auth-utils`. */
export const SESSION_COOKIE = 'nuxt-session'

/**
 * The session cookie's settings for this request: `HttpOnly`, `SameSite=Lax`, and `Secure` over https (also if a proxy ends it). Over plain
 * http, which demos use, browsers would drop a `Secure` cookie.
 */
export function sessionCookie(event: H3Event) {
  return { cookie: { httpOnly: true, sameSite: 'lax', secure: getRequestProtocol(event, { xForwardedProto: true }) === 'https' } } as const
}
