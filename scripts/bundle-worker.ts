import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')

const PACKAGE_ENTRIES: Record<string, string> = {
  'or3-sync/schema': 'src/runtime/schema.ts',
  'or3-sync/client': 'src/runtime/client.ts',
  'or3-sync/server': 'server/lib/index.ts',
}

/**
 * Bundles the simulation's worker from source, with source maps. `whole`: with functions that nothing calls, so that their branches count as well.
 *
 * Each process has a file of its own, so that two simulations can run at once. It is removed when the process ends.
 *
 * @returns the bundle's path.
 */
export async function bundleWorker({ whole = false } = {}): Promise<string> {
  const outfile = join(ROOT, `node_modules/.cache/or3-sim/${whole ? 'whole-worker' : 'worker'}-${process.pid}.mjs`)
  process.once('exit', () => rmSync(outfile, { force: true }))
  await build({
    entryPoints: ['scripts/sim-worker.ts'], outfile, absWorkingDir: ROOT, tsconfigRaw: {},
    bundle: true, format: 'esm', target: 'es2022', platform: 'node', packages: 'external', sourcemap: 'inline', logLevel: 'error', treeShaking: !whole,
    plugins: [{
      name: 'own-names',
      setup({ onResolve, resolve }) {
        onResolve({ filter: /^or3-sync\// }, ({ path, kind }) => {
          const entry = PACKAGE_ENTRIES[path]
          return entry ? resolve(`./${entry}`, { kind, resolveDir: ROOT }) : undefined
        })
        onResolve({ filter: /^#or3-sync\// }, ({ path, kind }) =>
          resolve(`./src/runtime/${path.slice('#or3-sync/'.length)}`, { kind, resolveDir: ROOT }))
      },
    }],
  })
  return outfile
}
