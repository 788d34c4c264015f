import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PLUGINS = readdirSync(`${ROOT}src/runtime/plugins`).map(name => `src/runtime/plugins/${name}`)

const PRESET = `export { or3 as default } from '#or3-sync/presets/or3'`
const OTHER_LIBRARY = `
import { defineSyncSchema } from 'or3-sync/schema'
const schema = { '~standard': { version: 1, vendor: 'mine', validate: value => ({ value }) } }
export default defineSyncSchema({ version: 1, tables: { todos: { schema, primaryKey: 'id' } } })`

/** The packages whose files a bundler reads for the client of an app with this schema file. */
async function packagesRead(schema: string): Promise<Set<string>> {
  const virtual: Record<string, string> = { 'schema': `${schema}\nexport const isPreset = true`, 'user-session': 'export const useUserSession = null', 'convex': 'export const loadConvexClient = null' }
  const { metafile } = await build({
    entryPoints: ['src/runtime/index.ts', 'src/runtime/core/sync/create-sync-engine.ts', ...PLUGINS],
    absWorkingDir: ROOT, outdir: 'unwritten', write: false, metafile: true,
    bundle: true, splitting: true, format: 'esm', platform: 'browser', logLevel: 'error', tsconfigRaw: {},
    external: ['#app', '#imports', 'vue'],
    alias: { '#or3-sync': `${ROOT}src/runtime`, 'or3-sync/schema': `${ROOT}src/runtime/schema.ts` },
    plugins: [{
      name: 'virtual-files',
      setup(bundler) {
        bundler.onResolve({ filter: /^#or3-sync-virtual\// }, ({ path }) => ({ path: path.slice('#or3-sync-virtual/'.length), namespace: 'virtual' }))
        bundler.onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({ contents: virtual[path], resolveDir: ROOT }))
      },
    }],
  })
  return new Set(Object.keys(metafile.inputs).map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'or3-sync'))
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
