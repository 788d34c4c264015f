import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

type ClientModules = typeof import('#or3-sync/app/sync-client') & typeof import('#or3-sync/core/sync/sync-provider-registry') & typeof import('#or3-sync/composables/adopt-local-data')
  & Pick<typeof import('vue'), 'watch'>

const MODULES = ['app/sync-client', 'core/sync/sync-provider-registry', 'composables/adopt-local-data']

/** The page's sync client, bundled as the module bundles it: the app's schema is a virtual file, here the todo schema. */
export async function loadSyncClient(): Promise<ClientModules> {
  const folder = mkdtempSync(join(tmpdir(), 'or3-sync-client-'))
  const outfile = join(folder, 'sync-client.mjs')
  try {
    await build({
      stdin: { contents: [...MODULES.map(name => `export * from './src/runtime/${name}'`), 'export { watch } from \'vue\''].join('\n'), resolveDir: root },
      bundle: true, format: 'esm', platform: 'browser', outfile, logLevel: 'silent', define: { 'process.env.NODE_ENV': '"production"' },
      alias: { 'or3-sync/schema': join(root, 'src/runtime/schema.ts') },
      plugins: [{
        name: 'virtual-schema',
        setup(bundler) {
          bundler.onResolve({ filter: /^#or3-sync-virtual\/schema$/ }, () => ({ path: 'schema', namespace: 'virtual' }))
          bundler.onLoad({ filter: /.*/, namespace: 'virtual' }, () => ({ contents: 'export { todoSchema as default } from \'./test/support/todo-schema\'', resolveDir: root }))
        },
      }],
    })
    return await import(/* @vite-ignore */ pathToFileURL(outfile).href) as ClientModules
  }
  finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
