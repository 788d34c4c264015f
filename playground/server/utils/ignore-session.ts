import type { H3Event } from 'h3'
import { SESSION_COOKIE } from './session-cookie'

/** Removes the session from this request, before anything reads it. The browser keeps its cookie. */
export function ignoreSession(event: H3Event): void {
  const { headers } = event.node.req
  const others = headers.cookie?.split(';').filter(pair => pair.split('=', 1)[0]!.trim() !== SESSION_COOKIE)
  if (others) headers.cookie = others.join(';')
  // h3 also reads a sealed session from this header.
  delete headers['x-nuxt-session-session']
}
