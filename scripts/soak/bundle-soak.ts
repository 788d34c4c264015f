import { join } from 'node:path'
import { build, type BuildOptions } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'node_modules/.cache/or3-soak')

const COMMON: BuildOptions = {
  bundle: true, format: 'esm', target: 'es2022', logLevel: 'error', absWorkingDir: ROOT, tsconfigRaw: {},
  alias: {
    'or3-sync/client': join(ROOT, 'src/runtime/client.ts'),
    'or3-sync/server': join(ROOT, 'server/lib/index.ts'),
    'or3-sync/schema': join(ROOT, 'src/runtime/schema.ts'),
    '#or3-sync': join(ROOT, 'src/runtime'),
  },
}

/** Bundles an entry from the sources, into a folder from which Node finds our dependencies. @returns the bundle's path */
export async function bundleSoak(entry: string, platform: 'node' | 'browser' = 'node'): Promise<string> {
  const outfile = join(FOLDER, `${entry.replaceAll('/', '-').replace('.ts', '')}.mjs`)
  await build({ ...COMMON, entryPoints: [join(import.meta.dirname, entry)], outfile, platform, ...platform === 'node' && { packages: 'external' } })
  return outfile
}
