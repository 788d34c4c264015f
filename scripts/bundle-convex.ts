import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const FUNCTIONS = ['schema', 'sync', 'members', 'crons', 'auth.config']
/** The sync functions with the schema of the contract suites. Tests need them in addition to the playground's. */
const CONTRACT = 'test/convex/loopback/contract-functions.ts'

/**
 * Bundles `convex/` and the functions of the contract suites from source, into a new project that Convex's CLI can push.
 *
 * @returns the project's folder.
 */
export async function bundleConvex(): Promise<string> {
  const folder = join(ROOT, 'node_modules/.cache/or3-convex')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await build({
    entryPoints: { ...Object.fromEntries(FUNCTIONS.map(name => [name, `convex/${name}.ts`])), contract: CONTRACT },
    outdir: join(folder, 'convex'), absWorkingDir: ROOT, tsconfigRaw: {}, bundle: true, format: 'esm', target: 'es2022', platform: 'neutral',
    mainFields: ['module', 'main'], external: ['convex', 'convex/*'], logLevel: 'error',
    alias: { 'or3-sync/convex': './src/convex/index.ts', 'or3-sync/schema': './src/runtime/schema.ts' },
    plugins: [{
      name: 'own-alias',
      setup({ onResolve, resolve }) {
        onResolve({ filter: /^#or3-sync\// }, ({ path, kind }) => resolve(`./src/runtime/${path.slice('#or3-sync/'.length)}`, { kind, resolveDir: ROOT }))
      },
    }],
  })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'or3-sync-convex', private: true, type: 'module', dependencies: { convex: '*' } }))
  return folder
}
