import { mkdir, rm } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PEERS } from './subject-name.ts'
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

const PAGES = ['floor', 'engine', 'shapes', 'first-page/first-page-floor', 'first-page/first-page-engine']

/**
 * Bundles the benchmark's pages and server into a folder inside the repository, so that Node finds our dependencies from there.
 *
 * `minify: false`: functions keep their names, for profiles. `withPeers`: with the pages of other libraries, which have to be installed.
 */
export async function bundleBench({ minify = true, withPeers = false } = {}): Promise<{ folder: string, server: string }> {
  const folder = join(ROOT, 'node_modules/.cache/or3-bench')
  const server = join(folder, 'server.mjs')
  // Parts of an earlier bundle would stay beside this one's.
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await build({ ...FOR_BROWSERS, minify, entryPoints: PAGES.map(page => `bench/page/${page}.ts`), outdir: folder, entryNames: '[name]', splitting: true })
  if (withPeers) {
    // One Dexie for a library and for the page that uses it.
    const alias = { dexie: join(ROOT, 'node_modules/dexie') }
    await build({ ...FOR_BROWSERS, minify, alias, entryPoints: PEERS.map(name => `bench/peers/pages/${name}.ts`), outdir: folder })
  }
  await build({ ...COMMON, entryPoints: ['bench/server/main.ts'], outfile: server, platform: 'node', packages: 'external' })
  return { folder, server }
}

/** Bundles one file of the benchmark for Node. @returns the bundle's path, inside the repository */
export async function bundleForNode(entry: string): Promise<string> {
  const outfile = join(ROOT, 'node_modules/.cache/or3-bench', `${basename(entry, '.ts')}.mjs`)
  await build({ ...COMMON, entryPoints: [entry], outfile, platform: 'node', packages: 'external' })
  return outfile
}

export interface BundleSize {
  /** What has to be there before the module runs. */
  first: number
  /** The chunks that it loads by itself later. */
  later: number
}

/** Bytes after minify and gzip -9 of a module with this source, each chunk packed by itself. */
export async function bundleSize(contents: string): Promise<BundleSize> {
  const { outputFiles, metafile: { outputs } } = await build({
    ...FOR_BROWSERS, stdin: { contents, resolveDir: ROOT }, splitting: true, outdir: ROOT, metafile: true, write: false,
  })
  const first = new Set<string>()
  const add = (path: string) => {
    if (first.has(path)) return
    first.add(path)
    for (const { kind, path: next } of outputs[path]!.imports) if (kind === 'import-statement') add(next)
  }
  add(Object.keys(outputs).find(path => outputs[path]!.entryPoint === '<stdin>')!)
  const size = { first: 0, later: 0 }
  for (const { path, contents: code } of outputFiles) {
    size[first.has(relative(ROOT, path)) ? 'first' : 'later'] += gzipSync(code, { level: 9 }).length
  }
  return size
}
