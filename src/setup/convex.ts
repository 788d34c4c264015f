import { addTemplate, addTypeTemplate, tryResolveModule } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { startError } from '../runtime/shared/sync/errors/start-error'
import type { BuildSettings } from './runtime-config'

const CLIENT = `export const loadConvexClient = () => import('convex/browser').then(module => module.ConvexClient)\n`
const NO_CLIENT = `export const loadConvexClient = null\n`

/**
 * Makes `#or3-sync-virtual/convex`, which loads Convex's client if the app has the package `convex`. Without the package nothing of Convex is
 * bundled.
 *
 * @throws Error of one line when the configuration asks for Convex and the package is missing.
 */
export async function setupConvex({ backend, convexUrl }: BuildSettings, nuxt: Nuxt): Promise<void> {
  const isInstalled = Boolean(await tryResolveModule('convex/browser', nuxt.options.rootDir))
  const asks = backend === 'convex' ? 'the backend is "convex"' : convexUrl ? `a Convex URL is set (${convexUrl})` : null
  if (asks && !isInstalled) throw startError('convex-not-installed', `${asks}, and the package "convex" is not installed; run: npm install convex`)
  const template = addTemplate({ filename: 'or3-sync/convex.mjs', write: true, getContents: () => isInstalled ? CLIENT : NO_CLIENT })
  nuxt.options.alias['#or3-sync-virtual/convex'] = template.dst
  addTypeTemplate({
    filename: 'types/or3-sync-convex.d.ts',
    getContents: () => `declare module '#or3-sync-virtual/convex' {
  export const loadConvexClient: (() => Promise<${isInstalled ? `typeof import('convex/browser').ConvexClient` : 'never'}>) | null
}
`,
  })
  if (!isInstalled) return
  nuxt.options.vite.optimizeDeps ??= {}
  // In dev Vite would otherwise discover it while the page loads, and reload the page.
  nuxt.options.vite.optimizeDeps.include = [...nuxt.options.vite.optimizeDeps.include ?? [], 'convex/browser']
}
