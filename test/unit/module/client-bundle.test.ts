import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PLUGINS = readdirSync(`${ROOT}src/runtime/plugins`).map(name => `src/runtime/plugins/${name}`)

const PRESET = `export { or3 as default } from '#or3-sync/presets/or3'`
const OTHER_LIBRARY = `
import { defineSyncSchema } from 'or3-sync/schema'
const schema = { '~standard': { version: 1, vendor: 'mine', validate: value => ({ value }) } }
export default defineSyncSchema({ version: 1, tables: { todos: { schema, primaryKey: 'id' } } })`

/** What a bundler makes of the client of an app with this schema file. */
async function bundle(schema: string): Promise<Metafile> {
  const virtual: Record<string, string> = { 'schema': `${schema}\nexport const isPreset = true`, 'user-session': 'export const useUserSession = null', 'convex': 'export const loadConvexClient = null', 'version': 'export const version = \'1.0.0\'' }
  const { metafile } = await build({
    entryPoints: ['src/runtime/index.ts', 'src/runtime/core/sync/create-sync-engine.ts', ...PLUGINS],
    absWorkingDir: ROOT, outdir: 'unwritten', write: false, metafile: true,
    bundle: true, splitting: true, format: 'esm', platform: 'browser', logLevel: 'error', tsconfigRaw: {},
    external: ['#app', '#imports', 'vue', '*.vue', '*.css?inline'],
    alias: { '#or3-sync': `${ROOT}src/runtime`, 'or3-sync/schema': `${ROOT}src/runtime/schema.ts` },
    plugins: [{
      name: 'virtual-files',
      setup(bundler) {
        bundler.onResolve({ filter: /^#or3-sync-virtual\// }, ({ path }) => ({ path: path.slice('#or3-sync-virtual/'.length), namespace: 'virtual' }))
        bundler.onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({ contents: virtual[path], resolveDir: ROOT }))
      },
    }],
  })
  return metafile
}

/** The packages whose files a bundler reads for it. */
async function packagesRead(schema: string): Promise<Set<string>> {
  const { inputs } = await bundle(schema)
  return new Set(Object.keys(inputs).map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'or3-sync'))
}

const OWN = ['or3-sync', 'dexie', 'hookable']

it('the client with the or3 preset brings two packages along, and zod is none of them', async () => {
  expect([...await packagesRead(PRESET)].sort()).toEqual([...OWN].sort())
})

it('nor is it where the app\'s schema is written with something else', async () => {
  expect([...await packagesRead(OTHER_LIBRARY)].sort()).toEqual([...OWN].sort())
})

it('it is where the app\'s schema is written with it', async () => {
  expect(await packagesRead(`export { todoSchema as default } from './test/support/todo-schema'`)).toContain('zod')
})

/** The files of the engine whose code is in the chunk of this file, or in chunks that have to be there before it runs. */
async function loadedWith(file: string): Promise<string[]> {
  const { outputs } = await bundle(PRESET)
  const files = new Set<string>()
  const add = (output: string) => {
    const { inputs, imports } = outputs[output]!
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) if (bytesInOutput) files.add(input)
    for (const { kind, path } of imports) if (kind === 'import-statement') add(path)
  }
  add(Object.keys(outputs).find(output => outputs[output]!.entryPoint === file)!)
  return [...files].map(path => path.replace('src/runtime/core/sync/', ''))
}

it('a page can open its database and capture edits before the code is there by which a tab sends and follows', async () => {
  const leading = ['push/outbox-manager.ts', 'push/batch-pusher.ts', 'pull/subscription-manager.ts', 'pull/change-applier.ts', 'life/gc-manager.ts']
  const first = await loadedWith('src/runtime/core/sync/create-sync-engine.ts')
  expect(first).toEqual(expect.arrayContaining(['database/sync-database.ts', 'capture/hook-bridge.ts', 'life/leader.ts']))
  expect(leading.filter(file => first.includes(file))).toEqual([])
  expect(await loadedWith('src/runtime/core/sync/life/leader-work.ts')).toEqual(expect.arrayContaining(leading))
})
