import { getRequestProtocol } from 'h3'
import type { H3Event } from 'h3'

/** What `nuxt-auth-utils` calls its cookie. */
export const SESSION_COOKIE = 'nuxt-session'

/**
 * The session cookie of this request: `HttpOnly`, `SameSite=Lax`, and `Secure` over https, be it a proxy's. Over plain http, where the
 * demo is tried, a browser would throw a `Secure` cookie away.
 */
export function sessionCookie(event: H3Event) {
  return { cookie: { httpOnly: true, sameSite: 'lax', secure: getRequestProtocol(event, { xForwardedProto: true }) === 'https' } } as const
}
