import type { SyncLogger } from '../../core/sync/environment/environment'

/** Warns on a page that browsers do not trust: HTTP, and not localhost. `isSecure`: the page's `isSecureContext`; undefined where nobody knows. */
export function warnInsecurePage(isSecure: boolean | undefined, log: Pick<SyncLogger, 'warn'>): void {
  if (isSecure !== false) return
  log.warn('This page is served over http, and not from localhost. The browser has no crypto.randomUUID() and no Web Locks here, and drops Secure session cookies, so a sign-in may not last. Use https (in development: nuxt dev --https).')
}
