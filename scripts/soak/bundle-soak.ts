import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, type BuildOptions } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')
const CACHE = join(ROOT, 'node_modules/.cache')

const COMMON: BuildOptions = {
  bundle: true, format: 'esm', target: 'es2022', logLevel: 'error', absWorkingDir: ROOT, tsconfigRaw: {},
  alias: {
    'or3-sync/client': join(ROOT, 'src/runtime/client.ts'),
    'or3-sync/server': join(ROOT, 'server/lib/index.ts'),
    'or3-sync/schema': join(ROOT, 'src/runtime/schema.ts'),
    '#or3-sync': join(ROOT, 'src/runtime'),
  },
}

let folder = ''

/**
 * The folder of what this process builds. It is removed when the process ends. Node finds our dependencies from there. Other processes have
 * their own: the copies of the repository that mutants are put into share one `node_modules`.
 */
export function soakFolder(): string {
  if (folder) return folder
  mkdirSync(CACHE, { recursive: true })
  folder = mkdtempSync(join(CACHE, 'or3-soak-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Bundles an entry of this folder from the sources. @returns the bundle's path */
export async function bundleSoak(entry: string, platform: 'node' | 'browser' = 'node'): Promise<string> {
  const outfile = join(soakFolder(), `${entry.replaceAll('/', '-').replace('.ts', '')}.mjs`)
  await build({ ...COMMON, entryPoints: [join(import.meta.dirname, entry)], outfile, platform, ...platform === 'node' && { packages: 'external' } })
  return outfile
}
