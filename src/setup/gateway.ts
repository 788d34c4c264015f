import { addServerScanDir, addServerTemplate, addTypeTemplate, tryResolveModule } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { hasAuthUtils } from './has-auth-utils'
import type { ModulePaths } from './paths'

/** Everything the server sees: routes, the stores that may be chosen, who is asking, types of the hooks. */
export function setupGateway(nuxt: Nuxt, paths: ModulePaths): void {
  // Always: while sync is off the routes themselves answer 404.
  addServerScanDir(paths.server)
  nuxt.options.alias['or3-sync/server'] = `${paths.server}/lib/index`
  nuxt.options.build.transpile.push(paths.server)

  addServerTemplate({ filename: '#or3-sync-virtual/backends', getContents: () => backendsSource(nuxt, paths) })
  // Modules that stand after this one are installed by the time this is rendered.
  addServerTemplate({
    filename: '#or3-sync-virtual/auth',
    getContents: () => hasAuthUtils(nuxt) ? AUTH_UTILS_SOURCE : 'export const getUserId = null\n',
  })
  addTypeTemplate({ filename: 'types/or3-sync-hooks.d.ts', getContents: () => hookTypes(paths) }, { nitro: true, nuxt: true })
  addTypeTemplate({ filename: 'types/or3-sync-virtual.d.ts', getContents: () => virtualTypes(paths) }, { nitro: true })

  // `or3-sync:gc` runs every hour, and whenever the app calls `runTask`.
  nuxt.options.nitro.experimental = { ...nuxt.options.nitro.experimental, tasks: true }
  nuxt.options.nitro.scheduledTasks = { ...nuxt.options.nitro.scheduledTasks }
  const hourly = nuxt.options.nitro.scheduledTasks['17 * * * *']
  nuxt.options.nitro.scheduledTasks['17 * * * *'] = [...hourly ? [hourly].flat() : [], 'or3-sync:gc']
}

/** The stores whose packages are installed, each behind a lazy import: only the chosen one is loaded. */
async function backendsSource(nuxt: Nuxt, paths: ModulePaths): Promise<string> {
  const load = (file: string, opener: string) => `() => import(${JSON.stringify(`${paths.server}/lib/backends/${file}`)}).then(m => m.${opener})`
  const convex = await tryResolveModule('convex/browser', nuxt.options.rootDir)
  return `export const backends = {
  sqlite: ${load('sqlite/sqlite', 'sqliteBackend')},
${convex ? `  convex: ${load('convex/open-convex', 'openConvex')},\n` : ''}}
`
}

/** Without its cookie there is nobody; asking all the same would set a fresh one, and might overwrite a sign-in under way. */
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

declare module 'nitropack/types' {
  interface NitroRuntimeHooks extends SyncNitroHooks {}
}

export {}
`
}

/** Ambient: a file that declares modules so must not import anything at its top. */
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
