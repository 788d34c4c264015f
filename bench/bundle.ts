import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')

const PACKAGE_ENTRIES: Record<string, string> = {
  'or3-sync/schema': 'src/runtime/schema.ts',
  'or3-sync/client': 'src/runtime/client.ts',
  'or3-sync/server': 'server/lib/index.ts',
}

/** Resolves the package's own entry names to the sources. */
const ownNames: Plugin = {
  name: 'own-names',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^or3-sync\// }, ({ path, kind }) => {
      const entry = PACKAGE_ENTRIES[path]
      return entry ? resolve(`./${entry}`, { kind, resolveDir: ROOT }) : undefined
    })
    onResolve({ filter: /^#or3-sync\// }, ({ path, kind }) =>
      resolve(`./src/runtime/${path.slice('#or3-sync/'.length)}`, { kind, resolveDir: ROOT }))
  },
}

const COMMON: BuildOptions = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'error',
  absWorkingDir: ROOT,
  plugins: [ownNames],
  // Without this, Nuxt's tsconfig would map packages to folders, and bundle packages that must stay external.
  tsconfigRaw: {},
}

const FOR_BROWSERS: BuildOptions = { ...COMMON, minify: true, define: { 'process.env.NODE_ENV': '"production"' } }

/** Bundles the benchmark's pages and server into a folder inside the repository, so that Node finds our dependencies from there. */
export async function bundleBench(): Promise<{ folder: string, server: string }> {
  const folder = join(ROOT, 'node_modules/.cache/or3-bench')
  const server = join(folder, 'server.mjs')
  await mkdir(folder, { recursive: true })
  await build({ ...FOR_BROWSERS, entryPoints: ['bench/page/floor.ts', 'bench/page/engine.ts', 'bench/page/shapes.ts'], outdir: folder })
  await build({ ...COMMON, entryPoints: ['bench/server/main.ts'], outfile: server, platform: 'node', packages: 'external' })
  return { folder, server }
}

/** Bundles one file of the benchmark for Node. @returns the bundle's path, inside the repository */
export async function bundleForNode(entry: string): Promise<string> {
  const outfile = join(ROOT, 'node_modules/.cache/or3-bench', `${basename(entry, '.ts')}.mjs`)
  await build({ ...COMMON, entryPoints: [entry], outfile, platform: 'node', packages: 'external' })
  return outfile
}

/** Bytes after minify and gzip -9 of a module with this source. */
export async function gzippedSize(contents: string): Promise<number> {
  const { outputFiles } = await build({ ...FOR_BROWSERS, stdin: { contents, resolveDir: ROOT }, write: false })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
}
