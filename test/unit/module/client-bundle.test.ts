import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { expect, it } from 'vitest'
import { measureClientSize } from '../../../bench/measures/client-size'

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
  const syncing = [
    'push/outbox-manager.ts', 'push/batch-pusher.ts', 'pull/subscription-manager.ts', 'pull/change-applier.ts', 'life/gc-manager.ts', 'life/sync-parts.ts', 'life/leader-work.ts',
    'tabs/leader-election.ts', 'queue/outbox-store.ts', 'merge/conflict-resolver.ts', 'decide/decide-merge.ts', 'face/refused-edits.ts', 'face/conflict-actions.ts', 'face/record-watch.ts',
  ]
  const first = await loadedWith('src/runtime/core/sync/create-sync-engine.ts')
  // Upgrades, too: without them a database may not open, and a chunk may not be there offline.
  expect(first).toEqual(expect.arrayContaining(['database/sync-database.ts', 'database/database-upgrade.ts', 'capture/hook-bridge.ts', 'life/leader.ts']))
  expect(syncing.filter(file => first.includes(file))).toEqual([])
  expect(await loadedWith('src/runtime/core/sync/life/sync-code.ts')).toEqual(expect.arrayContaining(syncing))
})

it('the code that talks to the gateway is loaded by itself, and only where a page has such a provider', async () => {
  const inOwnChunk = ['transport/gateway/http-calls.ts', 'transport/gateway/feed/event-stream-feed.ts']
  const elsewhere = [...await loadedWith('src/runtime/core/sync/create-sync-engine.ts'), ...await loadedWith('src/runtime/core/sync/life/sync-code.ts')]
  expect(inOwnChunk.filter(file => elsewhere.includes(file))).toEqual([])
  expect(await loadedWith('src/runtime/core/sync/transport/gateway/gateway-link.ts')).toEqual(expect.arrayContaining(inOwnChunk))
})

/** In kB, just above what was measured on 2026-11-28. Raise a limit only for something that is worth it, and say so in docs/benchmarks.md. */
const LIMITS = { first: 26, later: 46 }

it('the client is not larger than it was: until edits are captured, and with all that is loaded later', async () => {
  const { 'client-first': first, 'client-later': later } = await measureClientSize()
  expect(first![0], 'kB until edits are captured').toBeLessThanOrEqual(LIMITS.first)
  expect(later![0], 'kB loaded later').toBeLessThanOrEqual(LIMITS.later)
})
