import { useNuxtApp } from '#app'
import { createSyncHooks, type SyncHooks } from '../core/sync/context/sync-hooks'
import { createConsoleLogger } from '../app/console-logger'

/** The sync hooks of this app. Listeners survive sign-in and workspace switches. On the server no hook ever fires. */
export function useHooks(): SyncHooks {
  const nuxtApp = useNuxtApp() as { _or3SyncHooks?: SyncHooks }
  return nuxtApp._or3SyncHooks ??= createSyncHooks(createConsoleLogger())
}
