import { addImports, addPlugin, addTemplate, addTypeTemplate } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { version } from '../../package.json'
import { addComponents } from './components'
import { leaveEngineUnfetched } from './leave-engine-unfetched'
import type { ModulePaths } from './paths'
import { prebundle } from './prebundle'

const COMPOSABLES = [
  'getDb', 'adoptLocalData', 'useLiveQuery', 'useSyncStatus', 'useSyncQueue', 'useSyncConflicts', 'useNotifications',
  'useHooks', 'registerSyncProvider', 'setActiveSyncProvider', 'useSyncSession', 'useRowState', 'useSyncRow', 'useSyncStatusRefs', 'useSyncSessionRefs',
]

/** Sets up the Vue side: aliases, auto-imports, components and the two plugins. */
export async function setupClient(nuxt: Nuxt, paths: ModulePaths): Promise<void> {
  nuxt.options.alias['#or3-sync'] = paths.runtime
  // The package's entry names lead to the same files as `#or3-sync`. Otherwise an app could bundle the engine twice, with separate state.
  nuxt.options.alias['or3-sync/schema'] = `${paths.runtime}/schema`
  nuxt.options.alias['or3-sync/client'] = `${paths.runtime}/client`
  nuxt.options.build.transpile.push(paths.runtime)

  addImports(COMPOSABLES.map(name => ({ name, from: `${paths.runtime}/index` })))
  addComponents(paths)
  // The second plugin depends on the first. The engine starts later, with `app:created`, so the listeners miss nothing.
  addPlugin({ src: `${paths.runtime}/plugins/convex-sync.client`, mode: 'client' })
  addPlugin({ src: `${paths.runtime}/plugins/notification-listeners.client`, mode: 'client' })

  addVersion(nuxt)
  leaveEngineUnfetched(nuxt)
  await prebundle(nuxt, ['dexie', 'hookable'])
  nuxt.options.vite.optimizeDeps ??= {}
  nuxt.options.vite.optimizeDeps.exclude = [...nuxt.options.vite.optimizeDeps.exclude ?? [], 'or3-sync']
  nuxt.options.vite.resolve ??= {}
  // With two copies of Dexie, a live query of one would not see writes through the other.
  nuxt.options.vite.resolve.dedupe = [...nuxt.options.vite.resolve.dedupe ?? [], 'dexie']
}

/** Makes `#or3-sync-virtual/version`, the version of this package, for bug reports. */
function addVersion(nuxt: Nuxt): void {
  const template = addTemplate({ filename: 'or3-sync/version.mjs', write: true, getContents: () => `export const version = ${JSON.stringify(version)}\n` })
  nuxt.options.alias['#or3-sync-virtual/version'] = template.dst
  addTypeTemplate({ filename: 'types/or3-sync-version.d.ts', getContents: () => `declare module '#or3-sync-virtual/version' {\n  export const version: string\n}\n` })
}
