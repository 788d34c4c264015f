import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadNuxt, logger } from '@nuxt/kit'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const FIXTURE = join(ROOT, 'test/fixtures/todo-app')

/** Runs the module's setup in the fixture, with these options. */
async function load(or3Sync: object, { cwd = FIXTURE, runtimeConfig = {}, nitro = {} }: { cwd?: string, runtimeConfig?: object, nitro?: object } = {}) {
  const nuxt = await loadNuxt({ cwd, ready: true, overrides: { or3Sync, runtimeConfig, nitro } as never })
  await nuxt.close()
  return nuxt.options.runtimeConfig
}

describe('F58: a build', () => {
  it.each([
    [{ enabld: true }, '[or3-sync] or3Sync.enabld is not an option (did you mean enabled?)'],
    [{ rateLimits: { push: 'abc' } }, '[or3-sync] or3Sync.rateLimits.push is "abc"; accepted: a whole number, 1 or more'],
    [{ logLevel: 'loud' }, '[or3-sync] or3Sync.logLevel is "loud"; accepted: silent, error, warn, info, debug'],
  ])('is stopped by %j', async (options, line) => {
    await expect(load(options)).rejects.toThrow(line)
  })

  it('is stopped by what the app itself wrote to runtime config', async () => {
    await expect(load({}, { runtimeConfig: { or3Sync: { purgeAfterDays: -3 } } })).rejects.toThrow('[or3-sync] runtimeConfig.or3Sync.purgeAfterDays is -3')
    await expect(load({}, { runtimeConfig: { public: { or3Sync: { enabld: true } } } })).rejects.toThrow('[or3-sync] runtimeConfig.public.or3Sync.enabld is not an option')
  })

  it('keeps secrets of its machine out, and what JSON has no word for in', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://secret')
    const { or3Sync } = await load({ rateLimits: { push: Infinity } })
    vi.unstubAllEnvs()
    expect(or3Sync).toMatchObject({ databaseUrl: '', rateLimits: { push: 'Infinity', pull: 3_000 } })
  })
})

describe('what stops a build', () => {
  it('ends with a link to the docs', async () => {
    await expect(load({ enabld: true })).rejects.toThrow(/accepted: .* \(node_modules\/or3-sync\/docs\/errors\.md#unknown-option\)$/)
    await expect(load({ schema: 'gone.ts' })).rejects.toThrow(/\(node_modules\/or3-sync\/docs\/errors\.md#schema-not-found\)$/)
  })
})

describe('a build for a host that does not fit', () => {
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })

  /** The warnings of the module while a build with this preset is set up. */
  async function warnings(or3Sync: object, nitro: object): Promise<string[]> {
    const warn = vi.spyOn(logger, 'warn').mockReset().mockImplementation(() => {})
    await load(or3Sync, { nitro })
    return warn.mock.calls.map(([line]) => String(line)).filter(line => line.startsWith('[or3-sync]'))
  }

  it('says once what will not work there, and what to do', async () => {
    expect(await warnings({}, { preset: 'vercel' })).toEqual([
      '[or3-sync] the Nitro preset "vercel" does not fit: the file of the SQLite store is gone after each start, and two functions never share it; '
      + 'event streams end with the time limit of the host, or do not come through, so devices poll every 2 s instead; '
      + 'use a host with a long-running Node server (preset node-server), or let browsers talk to Convex directly (OR3_SYNC_PROVIDER=convex with a Convex URL) '
      + '(node_modules/or3-sync/docs/errors.md#serverless-preset)',
    ])
  })

  it('hears of the preset from the environment as well', async () => {
    vi.stubEnv('NITRO_PRESET', 'cloudflare_module')
    expect(await warnings({}, {})).toEqual([expect.stringContaining('there are no files and no node:sqlite')])
  })

  it('says nothing of a Node server, nor of a browser that talks to Convex directly', async () => {
    expect(await warnings({}, { preset: 'node-server' })).toEqual([])
    expect(await warnings({ provider: 'convex', convexUrl: 'https://name.convex.cloud' }, { preset: 'netlify' })).toEqual([])
  })

  it('says of files without a server that the routes are missing, if sync is on', async () => {
    expect(await warnings({ enabled: true, ssrAuthEnabled: true }, { preset: 'github-pages' })).toEqual([expect.stringContaining('there is no server')])
    expect(await warnings({ enabled: false }, { preset: 'github-pages' })).toEqual([])
  })
})

describe('F59: a Convex URL without the package convex', () => {
  let app: string

  // Outside this repository, where nobody has the package.
  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'or3-no-convex-'))
    await mkdir(join(app, 'node_modules'))
    await symlink(join(ROOT, 'node_modules/nuxt'), join(app, 'node_modules/nuxt'))
    await writeFile(join(app, 'nuxt.config.ts'), `export default defineNuxtConfig({ modules: [${JSON.stringify(join(ROOT, 'src/module'))}], compatibilityDate: '2026-01-01', telemetry: false, devtools: { enabled: false } })`)
  })
  afterEach(() => vi.unstubAllEnvs())
  afterAll(async () => { await rm(app, { recursive: true, force: true }) })

  it.each([
    ['a Convex URL is set (https://name.convex.cloud)', { VITE_CONVEX_URL: 'https://name.convex.cloud' }, {}],
    ['a Convex URL is set (https://name.convex.cloud)', {}, { convexUrl: 'https://name.convex.cloud' }],
    ['the backend is "convex"', { OR3_SYNC_BACKEND: 'convex' }, {}],
  ])('stops the build with the line that installs it: %s', async (what, env, options) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    await expect(load(options, { cwd: app })).rejects.toThrow(`[or3-sync] ${what}, and the package "convex" is not installed; run: npm install convex`)
  })

  it('does not stop a build that has nothing to do with Convex', async () => {
    await expect(load({}, { cwd: app })).resolves.toMatchObject({ public: { or3Sync: { convexUrl: '' } } })
  })
})
