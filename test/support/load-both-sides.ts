import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What of Nuxt the composables ask for. */
export interface FakeNuxt {
  payload: Record<string, unknown>
  isHydrating: boolean
  hooks: { hookOnce: (name: string, run: () => void) => void }
  event?: { context: Record<string, unknown> }
}

type Modules = typeof import('#or3-sync/composables/use-live-query') & typeof import('#or3-sync/composables/use-sync-row') & typeof import('#or3-sync/app/sync-client')
  & Pick<typeof import('or3-sync/client'), 'createSyncEngine' | 'createSyncHooks'> & { nuxt: { app: FakeNuxt | null, isPrerendered: boolean } }

const NUXT = `
export const nuxt = { app: null, set isPrerendered(is) { globalThis.or3TestIsPrerendered = is } }
export const useNuxtApp = () => nuxt.app
export const tryUseNuxtApp = () => nuxt.app
export const useRequestEvent = app => app.event
export const useRuntimeConfig = () => ({ public: { or3Sync: {} } })
nuxt.isPrerendered = false
`

/** The composables of queries, bundled for the server or for the browser as Nuxt does it, with the engine. The app's schema is the todo schema. Vue is shared with the test. */
export async function loadSide(side: 'server' | 'browser'): Promise<Modules> {
  // Below the project, so that Vue is found.
  const folder = mkdtempSync(join(root, 'node_modules', '.both-sides-'))
  const outfile = join(folder, `${side}.mjs`)
  const modules = ['composables/use-live-query', 'composables/use-sync-row', 'app/sync-client']
  try {
    await build({
      stdin: { contents: [...modules.map(name => `export * from './src/runtime/${name}'`), 'export { createSyncEngine, createSyncHooks } from \'./src/runtime/client\'', 'export { nuxt } from \'#app\''].join('\n'), resolveDir: root },
      bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'silent', external: ['vue'],
      define: { 'import.meta.server': String(side === 'server'), 'import.meta.dev': 'true', 'import.meta.prerender': 'globalThis.or3TestIsPrerendered' },
      alias: { 'or3-sync/schema': join(root, 'src/runtime/schema.ts') },
      plugins: [{
        name: 'virtual-modules',
        setup(bundler) {
          const contents: Record<string, string> = { '#or3-sync-virtual/schema': 'export { todoSchema as default } from \'./test/support/todo-schema\'', '#app': NUXT }
          bundler.onResolve({ filter: /^#(?:or3-sync-virtual\/schema|app)$/ }, ({ path }) => ({ path, namespace: 'virtual' }))
          bundler.onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({ contents: contents[path], resolveDir: root }))
        },
      }],
    })
    return await import(/* @vite-ignore */ pathToFileURL(outfile).href) as Modules
  }
  finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
