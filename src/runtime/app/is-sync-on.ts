import { tryUseNuxtApp } from '#app'

/** Whether sync is on: by the settings that the server was started with, or those of the build for a static page. */
export function isSyncOn(): boolean {
  const config = tryUseNuxtApp()?.$config.public.or3Sync
  return Boolean(config?.enabled && config.ssrAuthEnabled)
}
