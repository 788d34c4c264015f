import { tryUseNuxtApp } from '#app'

/** Whether this app syncs, as the server was started or the page was built. */
export function isSyncOn(): boolean {
  const config = tryUseNuxtApp()?.$config.public.or3Sync
  return Boolean(config?.enabled && config.ssrAuthEnabled)
}
