import { addServerScanDir, addServerTemplate, addTypeTemplate, tryResolveModule } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { hasAuthUtils } from './has-auth-utils'
import type { ModulePaths } from './paths'

/** Sets up the server side: routes, stores to choose from, the session from nuxt-auth-utils, types of the hooks and the hourly task. */
export function setupGateway(nuxt: Nuxt, paths: ModulePaths): void {
  // Also with sync off, since that may be switched on when the server starts. Until then the routes answer 404.
  addServerScanDir(paths.server)
  nuxt.options.alias['or3-sync/server'] = `${paths.server}/lib/index`
  nuxt.options.build.transpile.push(paths.server)

  addServerTemplate({ filename: '#or3-sync-virtual/backends', getContents: () => backendsSource(nuxt, paths) })
  // Rendered only after all modules are installed, so it also sees modules that the app lists after this one.
  addServerTemplate({
    filename: '#or3-sync-virtual/auth',
    getContents: () => hasAuthUtils(nuxt) ? AUTH_UTILS_SOURCE : 'export const getUserId = null\n',
  })
  addTypeTemplate({ filename: 'types/or3-sync-hooks.d.ts', getContents: () => hookTypes(paths) }, { nitro: true, nuxt: true })
  addTypeTemplate({ filename: 'types/or3-sync-virtual.d.ts', getContents: () => virtualTypes(paths) }, { nitro: true })

  // `or3-sync:gc` runs every hour. The app may also start it by `runTask`.
  nuxt.options.nitro.experimental = { ...nuxt.options.nitro.experimental, tasks: true }
  nuxt.options.nitro.scheduledTasks = { ...nuxt.options.nitro.scheduledTasks }
  const hourly = nuxt.options.nitro.scheduledTasks['17 * * * *']
  nuxt.options.nitro.scheduledTasks['17 * * * *'] = [...hourly ? [hourly].flat() : [], 'or3-sync:gc']
}

/** The stores whose packages are installed. Each is a lazy import, so that only the chosen one is loaded. */
async function backendsSource(nuxt: Nuxt, paths: ModulePaths): Promise<string> {
  const load = (file: string, opener: string) => `() => import(${JSON.stringify(`${paths.server}/lib/backends/${file}`)}).then(m => m.${opener})`
  const convex = await tryResolveModule('convex/browser', nuxt.options.rootDir)
  return `export const backends = {
  sqlite: ${load('sqlite/sqlite', 'sqliteBackend')},
${convex ? `  convex: ${load('convex/open-convex', 'openConvex')},\n` : ''}}
`
}

/** Without the session cookie nobody is signed in. Calling `getUserSession` then would set a new cookie, which could overwrite that of a sign-in in progress. */
const AUTH_UTILS_SOURCE = `import { getRequestHeader } from 'h3'
import { getUserSession, useRuntimeConfig } from '#imports'

export const getUserId = async (event) => {
  const name = useRuntimeConfig(event).session?.name || 'nuxt-session'
  if (!getRequestHeader(event, 'cookie')?.includes(name)) return null
  return (await getUserSession(event)).user?.id ?? null
}
`

function hookTypes(paths: ModulePaths): string {
  return `import type { SyncNitroHooks } from ${JSON.stringify(`${paths.runtime}/nitro-hooks`)}
import type { SchemaTables } from ${JSON.stringify(`${paths.runtime}/shared/sync/schema/sync-schema`)}
import type appSchema from '#or3-sync-virtual/schema'

declare module 'nitropack/types' {
  interface NitroRuntimeHooks extends SyncNitroHooks<SchemaTables<typeof appSchema>> {}
}

export {}
`
}

/** Uses `import()` types, because a file with an import at its top could not declare ambient modules. */
function virtualTypes(paths: ModulePaths): string {
  return `declare module '#or3-sync-virtual/backends' {
  type SyncBackend = import(${JSON.stringify(`${paths.server}/lib/backends/backend`)}).SyncBackend
  export const backends: Record<string, () => Promise<(options: import(${JSON.stringify(`${paths.server}/lib/backends/backend-settings`)}).BackendSettings) => SyncBackend | Promise<SyncBackend>>>
}

declare module '#or3-sync-virtual/auth' {
  export const getUserId: ((event: import('h3').H3Event) => Promise<string | number | null>) | null
}
`
}
