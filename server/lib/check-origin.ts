import { getRequestHeader } from 'h3'
import type { H3Event } from 'h3'
import { GatewayError } from './gateway-error'

/**
 * Refuses requests that a page of another site made with this site's cookies. No `Origin` means no such page.
 *
 * @throws GatewayError 403
 */
export function checkOrigin(event: H3Event, allowed: readonly string[]): void {
  const origin = getRequestHeader(event, 'origin')
  if (origin === undefined || allowed.includes(origin) || isOwnOrigin(event, origin)) return
  throw new GatewayError(403, 'FOREIGN_ORIGIN', 'requests from another origin are not accepted')
}

function isOwnOrigin(event: H3Event, origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { host, protocol } = new URL(origin)
  // A page cannot set X-Forwarded-Host without a preflight, which is never granted; only a proxy does.
  const names = [getRequestHeader(event, 'x-forwarded-host')?.split(',')[0]?.trim(), getRequestHeader(event, 'host')]
  return names.some((name) => {
    const url = `${protocol}//${name}`
    return name !== undefined && URL.canParse(url) && new URL(url).host === host
  })
}
