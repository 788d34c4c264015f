import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The page's sync client, bundled as the module bundles it: the app's schema is a virtual file, here the todo schema. */
export async function loadSyncClient(): Promise<typeof import('#or3-sync/app/sync-client')> {
  const folder = mkdtempSync(join(tmpdir(), 'or3-sync-client-'))
  const outfile = join(folder, 'sync-client.mjs')
  try {
    await build({
      entryPoints: [join(root, 'src/runtime/app/sync-client.ts')],
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
    return await import(/* @vite-ignore */ pathToFileURL(outfile).href) as typeof import('#or3-sync/app/sync-client')
  }
  finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
