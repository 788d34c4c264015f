import { addImports, addPlugin } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { leaveEngineUnfetched } from './leave-engine-unfetched'
import type { ModulePaths } from './paths'
import { prebundle } from './prebundle'

const COMPOSABLES = [
  'getDb', 'adoptLocalData', 'useLiveQuery', 'useSyncStatus', 'useSyncQueue', 'useSyncConflicts', 'useNotifications',
  'useHooks', 'registerSyncProvider', 'setActiveSyncProvider', 'useSyncSession',
]

/** Everything the Vue app sees: aliases, auto-imports, the two plugins. */
export async function setupClient(nuxt: Nuxt, paths: ModulePaths): Promise<void> {
  nuxt.options.alias['#or3-sync'] = paths.runtime
  // The package's own names lead to the same files as the alias: two copies of the engine would not know each other.
  nuxt.options.alias['or3-sync/schema'] = `${paths.runtime}/schema`
  nuxt.options.alias['or3-sync/client'] = `${paths.runtime}/client`
  nuxt.options.build.transpile.push(paths.runtime)

  addImports(COMPOSABLES.map(name => ({ name, from: `${paths.runtime}/index` })))
  // `addPlugin` prepends: the listeners are there when the engine's plugin runs.
  addPlugin({ src: `${paths.runtime}/plugins/convex-sync.client`, mode: 'client' })
  addPlugin({ src: `${paths.runtime}/plugins/notification-listeners.client`, mode: 'client' })

  leaveEngineUnfetched(nuxt)
  await prebundle(nuxt, ['dexie', 'eventsource-parser', 'hookable'])
  nuxt.options.vite.optimizeDeps ??= {}
  nuxt.options.vite.optimizeDeps.exclude = [...nuxt.options.vite.optimizeDeps.exclude ?? [], 'or3-sync']
  nuxt.options.vite.resolve ??= {}
  // Two Dexies would not see each other's live queries.
  nuxt.options.vite.resolve.dedupe = [...nuxt.options.vite.resolve.dedupe ?? [], 'dexie']
}
