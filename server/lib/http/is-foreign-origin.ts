import { getRequestHeader } from 'h3'
import type { H3Event } from 'h3'

/**
 * Whether a page of another origin made this request. Such requests carry this site's cookies too. `allowed` lists other origins that are
 * accepted, such as `https://app.example.com`. Without an `Origin` header: false, because browsers send it with every request that can change
 * something.
 */
export function isForeignOrigin(event: H3Event, allowed: readonly string[] = []): boolean {
  const origin = getRequestHeader(event, 'origin')
  return origin !== undefined && !allowed.includes(origin) && !isOwnOrigin(event, origin)
}

function isOwnOrigin(event: H3Event, origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { host, protocol } = new URL(origin)
  // X-Forwarded-Host can be trusted here: a page needs a preflight to set it, and that is never granted. Only a proxy sets it.
  const names = [getRequestHeader(event, 'x-forwarded-host')?.split(',')[0]?.trim(), getRequestHeader(event, 'host')]
  return names.some((name) => {
    const url = `${protocol}//${name}`
    return name !== undefined && URL.canParse(url) && new URL(url).host === host
  })
}
