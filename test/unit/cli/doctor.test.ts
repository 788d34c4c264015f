import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runDoctor } from '../../../src/cli/doctor/run-doctor'
import { examine } from '../../../src/cli/doctor/examine'
import { readEnvFile } from '../../../src/cli/doctor/read-env-file'
import { findPaths } from '../../../src/setup/paths'
import { findError } from '#or3-sync/shared/sync/errors/error-list'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MODULE_URL = pathToFileURL(join(ROOT, 'src/module.ts')).href

const SCHEMA = (table = 'primaryKey: \'id\'') => `import { z } from 'zod'
export default defineSyncSchema({
  version: 3,
  tables: {
    todos: { schema: z.object({ id: z.string(), title: z.string() }), ${table} },
  },
})
`
const NUXT = (more = '') => `export default defineNuxtConfig({ modules: ['or3-sync'], compatibilityDate: '2026-01-01', ${more} })`
const BOTH = 'OR3_SYNC_ENABLED=true\nSSR_AUTH_ENABLED=true\n'

/** An app in which nothing is wrong. */
const GOOD: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "app", "private": true }',
  'nuxt.config.ts': NUXT(),
  '.env': BOTH,
  'shared/sync.schema.ts': SCHEMA(),
  'server/plugins/session.ts': 'export default defineNitroPlugin(app => app.hooks.hook(\'or3-sync:session\', () => {}))',
}
const NO_FILE = null

let app: string

beforeEach(async () => {
  app = await mkdtemp(join(tmpdir(), 'or3-doctor-'))
  await mkdir(join(app, 'node_modules'))
  for (const name of ['nuxt', 'zod', 'dexie']) await symlink(join(ROOT, 'node_modules', name), join(app, 'node_modules', name))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(app, { recursive: true, force: true })
})

type Files = Readonly<Record<string, string | null>>

async function write(changed: Files = {}): Promise<void> {
  for (const [name, text] of Object.entries({ ...GOOD, ...changed })) {
    if (text === NO_FILE) continue
    await mkdir(dirname(join(app, name)), { recursive: true })
    await writeFile(join(app, name), text)
  }
}

/** Looks at the good app with these files changed. */
async function findings(changed: Files = {}, { env = {}, node = 'v24.1.0' }: { env?: Record<string, string>, node?: string } = {}) {
  await write(changed)
  const envFile = readEnvFile(app)
  return await examine({ rootDir: app, env: { ...envFile, ...env }, envFile, paths: findPaths(MODULE_URL), node })
}

/** What is not in order. */
async function troubles(...args: Parameters<typeof findings>) {
  return (await findings(...args)).filter(({ status }) => status !== 'ok')
}

describe('the doctor finds', () => {
  it('nothing wrong with an app that is in order, and says what it has looked at', async () => {
    const found = await findings()
    expect(found.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(found.map(({ check }) => check)).toEqual(['node', 'versions', 'module', 'settings', 'switches', 'schema', 'session', 'provider', 'store', 'host'])
    expect(found.find(({ check }) => check === 'schema')!.message).toBe('shared/sync.schema.ts: version 3, tables todos')
  })

  it.each<[string, Files, 'warning' | 'error', string, RegExp, object?]>([
    ['a module that is not listed', { 'nuxt.config.ts': NUXT().replace('\'or3-sync\'', '') }, 'error', 'module', /does not list the module$/],
    ['a misspelt module', { 'nuxt.config.ts': NUXT().replace('or3-sync', 'or3-snyc') }, 'error', 'module', /does not list the module, but "or3-snyc"$/],
    ['no switch', { '.env': '' }, 'warning', 'switches', /^sync is off: neither switch is on$/],
    ['one switch', { '.env': 'OR3_SYNC_ENABLED=true' }, 'error', 'switches', /^OR3_SYNC_ENABLED is true and SSR_AUTH_ENABLED is not, so sync is off; set SSR_AUTH_ENABLED=true/],
    ['the other switch', { '.env': 'SSR_AUTH_ENABLED=true' }, 'warning', 'switches', /^SSR_AUTH_ENABLED is true and OR3_SYNC_ENABLED is not/],
    ['an unknown option', { 'nuxt.config.ts': NUXT('or3Sync: { enabld: true }') }, 'error', 'settings', /^or3Sync\.enabld is not an option \(did you mean enabled\?\)/],
    ['an unknown option in a group', { 'nuxt.config.ts': NUXT('or3Sync: { rateLimits: { pushes: 1 } }') }, 'error', 'settings', /^or3Sync\.rateLimits\.pushes is not an option \(did you mean push\?\)/],
    ['a value in runtime config that is not accepted', { 'nuxt.config.ts': NUXT('runtimeConfig: { or3Sync: { logLevel: \'loud\' } }') }, 'error', 'settings', /^or3Sync\.logLevel is "loud"; accepted: silent, error/],
    ['a misspelt variable', { '.env': `${BOTH}OR3_SYNC_SQLITE_PAHT=x` }, 'warning', 'settings', /OR3_SYNC_SQLITE_PAHT is set, and no setting has that name \(did you mean OR3_SYNC_SQLITE_PATH\?\)$/],
    ['a schema file that the option names and that is not there', { 'nuxt.config.ts': NUXT('or3Sync: { schema: \'~~/gone.ts\' }') }, 'error', 'schema', /^or3Sync\.schema is "~~\/gone\.ts", which does not exist$/],
    ['no schema file', { 'shared/sync.schema.ts': NO_FILE }, 'warning', 'schema', /^there is no shared\/sync\.schema\.ts, so the tables are those of the preset "or3"$/],
    ['a schema file in another place', { 'shared/sync.schema.ts': NO_FILE, 'app/sync.schema.ts': SCHEMA() }, 'error', 'schema', /^app\/sync\.schema\.ts is not read, and the tables are those of the preset "or3"$/],
    ['a mistake in the schema file', { 'shared/sync.schema.ts': SCHEMA('primaryKey: \'key\'') }, 'error', 'schema', /^shared\/sync\.schema\.ts:5 table "todos": .*key/],
    ['a schema file that cannot be run', { 'shared/sync.schema.ts': 'export default {' }, 'error', 'schema', /^shared\/sync\.schema\.ts /],
    ['nobody who says who is signed in', { 'server/plugins/session.ts': NO_FILE }, 'warning', 'session', /^nothing says who is signed in/],
    ['a misspelt hook', { 'server/plugins/pushed.ts': 'export default defineNitroPlugin(app => app.hooks.hook(\'or3-sync:pushd\', () => {}))' }, 'error', 'session', /pushed\.ts listens to "or3-sync:pushd", and no hook has that name \(did you mean or3-sync:pushed\?\)$/],
    ['a provider that nobody registers', { '.env': `${BOTH}OR3_SYNC_PROVIDER=gatway` }, 'error', 'provider', /^the provider is "gatway", and no file of the app registers it \(did you mean gateway\?\)$/],
    ['a provider that needs a Convex URL', { '.env': `${BOTH}OR3_SYNC_PROVIDER=convex` }, 'warning', 'provider', /no Convex URL is set, so sync goes through the gateway$/],
    ['a store of a later version', { '.env': `${BOTH}OR3_SYNC_BACKEND=postgres` }, 'error', 'store', /^OR3_SYNC_BACKEND is "postgres", which this version does not have$/],
    ['a store below a file', { '.env': `${BOTH}OR3_SYNC_SQLITE_PATH=package.json/store.sqlite` }, 'error', 'store', /cannot be used: .*package\.json is no folder$/],
    ['a store that is a file of something else', { '.env': `${BOTH}OR3_SYNC_SQLITE_PATH=package.json` }, 'error', 'store', /cannot be used: it is no SQLite database$/],
    ['a store that is a folder', { '.env': `${BOTH}OR3_SYNC_SQLITE_PATH=server` }, 'error', 'store', /cannot be used: it is a folder$/],
    ['a Node without node:sqlite', {}, 'error', 'store', /^the SQLite store needs node:sqlite, which Node v20\.10\.0 does not have$/, { node: 'v20.10.0' }],
    ['a host without a disk, from nuxt.config', { 'nuxt.config.ts': NUXT('nitro: { preset: \'vercel\' }') }, 'warning', 'host', /^the Nitro preset "vercel" does not fit: the file of the SQLite store is gone/],
    ['a host without a disk, from the environment', {}, 'warning', 'host', /^the Nitro preset "netlify" does not fit/, { env: { NITRO_PRESET: 'netlify' } }],
    ['a build for browsers that are too old', { 'nuxt.config.ts': NUXT('vite: { build: { target: [\'chrome80\', \'safari17\', \'es2022\'] } }') }, 'warning', 'browsers', /^the build target is chrome80, and the client runs in/],
  ])('%s', async (_, changed, status, check, message, surroundings = {}) => {
    const found = await troubles(changed, surroundings)
    expect(found).toMatchObject([{ status, check, message: expect.stringMatching(message) as string }])
    // Either the line or the fix says what to do.
    expect(`${found[0]!.message} ${found[0]!.fix ?? ''}`).toMatch(/\b(?:set|accepted|did you mean|create|correct|mend|write|add|move|register|use|name|raise|path:|export default)\b/)
    if (found[0]!.docs) expect(findError(found[0]!.docs.split('#')[1]!), found[0]!.docs).toBeDefined()
  })

  it.each<[string, string]>([['1', '"1"'], ['yes', '"yes"'], ['True', '"True"']])('a switch that says %s, and that sync is off by it', async (word, shown) => {
    expect(await troubles({ '.env': `OR3_SYNC_ENABLED=${word}\nSSR_AUTH_ENABLED=true` })).toMatchObject([
      { status: 'error', check: 'settings', message: `OR3_SYNC_ENABLED is ${shown}; accepted: true or false` },
      { status: 'warning', check: 'switches' },
    ])
  })

  it.each(['SSR_AUTH_ENABLE', 'SSRAUTH_ENABLED', 'OR3_SNYC_ENABLED', 'or3_sync_enabled'])('a switch called %s', async (name) => {
    const found = await troubles({ '.env': `${BOTH}${name}=true` })
    expect(found).toMatchObject([{ status: 'warning', check: 'settings', message: expect.stringMatching(/\(did you mean (?:SSR_AUTH|OR3_SYNC)_ENABLED\?\)$/) as string }])
  })

  it('each of several mistakes', async () => {
    const found = await troubles({ 'nuxt.config.ts': NUXT('or3Sync: { enabld: true, purgeAfterDays: -1, logLevel: \'loud\' }') })
    expect(found.map(({ message }) => message.split(' ')[0])).toEqual(['or3Sync.purgeAfterDays', 'or3Sync.logLevel', 'or3Sync.enabld'])
  })

  it('what Convex lacks', async () => {
    const found = await troubles({ '.env': `${BOTH}VITE_CONVEX_URL=https://name.convex.cloud` })
    expect(found.map(({ status, check, fix }) => [status, check, fix])).toEqual([
      ['error', 'store', 'run: npm install convex'], ['error', 'store', 'set OR3_SYNC_TOKEN_KEY'],
    ])
  })

  it('an app that keeps SQLite where browsers speak to Convex', async () => {
    await symlink(join(ROOT, 'node_modules/convex'), join(app, 'node_modules/convex'))
    expect(await troubles({ '.env': `${BOTH}VITE_CONVEX_URL=https://name.convex.cloud\nOR3_SYNC_BACKEND=sqlite` })).toEqual([])
  })

  it.each(['nuxt', 'dexie', 'convex'])('a %s that is too old', async (name) => {
    await rm(join(app, 'node_modules', name), { force: true })
    // Nuxt's own files must still be found.
    await mkdir(join(app, 'node_modules', name))
    await writeFile(join(app, 'node_modules', name, 'package.json'), JSON.stringify({ name, version: '1.2.3', exports: { './*': './*' } }))
    const found = (await troubles()).filter(({ check }) => check === 'versions' || check === 'app')
    if (name === 'nuxt') expect(found.length).toBeGreaterThan(0)
    else expect(found[0]).toMatchObject({ status: 'error', message: expect.stringMatching(new RegExp(`^${name} is 1\\.2\\.3, and or3-sync needs \\^`)) as string })
  })

  it('that the app registers its own provider', async () => {
    const plugin = 'export default defineNuxtPlugin(() => registerSyncProvider({ id: \'mine\' }))'
    expect(await troubles({ '.env': `${BOTH}OR3_SYNC_PROVIDER=mine`, 'app/plugins/sync.ts': plugin })).toEqual([])
  })

  it('that nuxt-auth-utils says who is signed in', async () => {
    expect(await troubles({ 'server/plugins/session.ts': NO_FILE, 'nuxt.config.ts': NUXT().replace('[\'or3-sync\']', '[\'or3-sync\', \'nuxt-auth-utils\']') })).toEqual([])
  })

  it('the options beside the module\'s name, and the module by its path', async () => {
    const inline = NUXT().replace('\'or3-sync\'', `[${JSON.stringify(join(ROOT, 'src/module'))}, { enabled: true, ssrAuthEnabled: true }]`)
    expect(await troubles({ 'nuxt.config.ts': inline, '.env': NO_FILE })).toEqual([])
  })

  it('a folder without Nuxt, and a config that cannot be loaded', async () => {
    expect(await troubles({ 'nuxt.config.ts': 'throw new Error(\'no such thing\')' })).toMatchObject([{ check: 'app', status: 'error', message: expect.stringContaining('nuxt.config cannot be loaded: no such thing') as string }])
    await rm(join(app, 'node_modules/nuxt'))
    expect(await troubles()).toMatchObject([{ check: 'app', status: 'error', message: expect.stringContaining('Nuxt is not installed in') as string }])
  })
})

describe('the command', () => {
  /** Runs it in the app. */
  async function run(changed: Files, json: boolean) {
    await write(changed)
    for (const name of ['OR3_SYNC_ENABLED', 'SSR_AUTH_ENABLED']) vi.stubEnv(name, undefined)
    let printed = ''
    const code = await runDoctor({ folder: app, json, moduleUrl: MODULE_URL, print: (text) => { printed += text } })
    return { code, printed }
  }

  it('ends with 0 and one line for each check when nothing is an error', async () => {
    const { code, printed } = await run({ 'server/plugins/session.ts': NO_FILE, '.env': 'OR3_SYNC_SQLITE_PATH=:memory:\n' + BOTH }, false)
    expect(code).toBe(0)
    expect(printed).toMatch(/^warning {2}session {3}nothing says who is signed in: .*; fix: add a server plugin .* \(node_modules\/or3-sync\/docs\/errors\.md#no-session-source\)$/m)
    expect(printed).toMatch(/\n\n0 errors, 1 warning\n$/)
  })

  it('ends with 1 when something is an error, and says so for programs', async () => {
    const { code, printed } = await run({ '.env': 'OR3_SYNC_ENABLED=true' }, true)
    expect(code).toBe(1)
    expect(JSON.parse(printed)).toMatchObject({ ok: false, errors: 1, warnings: 0 })
  })

  it('changes nothing in the app', async () => {
    await write()
    const before = await readdir(app, { recursive: true })
    await run({}, false)
    expect(await readdir(app, { recursive: true })).toEqual(before)
  })
})
