import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '../../..')
const OWN_NAMES: Record<string, string> = {
  'or3-sync/schema': 'src/runtime/schema.ts',
  'or3-sync/convex': 'src/convex/index.ts',
}

let bundled: Promise<string> | undefined

/** Bundles the loopback with the project's functions from source, once a process. @returns the file. */
export function bundleLoopback(): Promise<string> {
  return bundled ??= bundle()
}

async function bundle(): Promise<string> {
  // Test files run in processes beside each other: each writes its own.
  const outfile = join(ROOT, `node_modules/.cache/or3-loopback/${process.pid}.mjs`)
  await build({
    entryPoints: ['test/convex/loopback/main.ts'], outfile, absWorkingDir: ROOT, tsconfigRaw: {},
    bundle: true, format: 'esm', target: 'es2022', platform: 'node', packages: 'external', sourcemap: 'inline', logLevel: 'error',
    plugins: [{
      name: 'own-names',
      setup({ onResolve, resolve }) {
        onResolve({ filter: /^or3-sync\// }, ({ path, kind }) => {
          const entry = OWN_NAMES[path]
          return entry ? resolve(`./${entry}`, { kind, resolveDir: ROOT }) : undefined
        })
        onResolve({ filter: /^#or3-sync\// }, ({ path, kind }) =>
          resolve(`./src/runtime/${path.slice('#or3-sync/'.length)}`, { kind, resolveDir: ROOT }))
      },
    }],
  })
  return outfile
}
