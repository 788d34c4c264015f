import { describe, expect, it } from 'vitest'
import { MODULE_SETTINGS, SERVER_RUNTIME_SETTINGS } from '#or3-sync/shared/sync/settings/module-settings'
import { readSettings } from '#or3-sync/shared/sync/settings/read-settings'
import { unknownVariables } from '#or3-sync/shared/sync/settings/unknown-variables'

type Env = Record<string, string | undefined>

const read = (env: Env, values: object = {}) => readSettings(MODULE_SETTINGS, { name: 'or3Sync', values, env })
const readAtStart = (env: Env, values: object = {}) => readSettings(SERVER_RUNTIME_SETTINGS, { name: 'or3Sync', values, env, prefix: 'NUXT_OR3_SYNC' })

describe('settings of the module', () => {
  it('are off, and nothing is chosen, where nothing is said', () => {
    expect(read({})).toMatchObject({
      ssrAuthEnabled: false, enabled: false, provider: '', backend: '', sqlitePath: '', databaseUrl: '', convexUrl: '', allowedOrigins: [], schema: '', projectId: '',
    })
  })

  it('have the defaults that the docs name', () => {
    expect(read({})).toMatchObject({
      token: { issuer: 'https://or3-sync', audience: 'or3-sync' },
      rateLimits: { push: 3_000, pull: 3_000, cursor: 600, token: 60, bytesIn: 256 * 2 ** 20, bytesOut: 512 * 2 ** 20, storage: '' },
      streamLimits: { perUser: 64, total: 10_000 }, memoryLimits: { perUser: 16 * 2 ** 20, total: 128 * 2 ** 20 },
      purgeAfterDays: 0, logLevel: 'info', clientLogLevel: '', metricsToken: '',
    })
  })

  it('take the environment before the configuration, and the configuration where a variable is empty', () => {
    const configured = { ssrAuthEnabled: true, enabled: true, backend: 'sqlite', sqlitePath: 'a.sqlite' }
    expect(read({ OR3_SYNC_ENABLED: 'false', OR3_SYNC_SQLITE_PATH: 'b.sqlite' }, configured)).toMatchObject({ enabled: false, sqlitePath: 'b.sqlite' })
    expect(read({ OR3_SYNC_ENABLED: '', OR3_SYNC_BACKEND: ' ' }, configured)).toMatchObject({ enabled: true, backend: 'sqlite' })
  })

  it('take the text of a NUXT_ override, not what was parsed of it', () => {
    const env = { NUXT_OR3_SYNC_METRICS_TOKEN: '0042', NUXT_OR3_SYNC_RATE_LIMITS_BYTES_IN: 'Infinity', NUXT_OR3_SYNC_TOKEN_KEY: '{"kty":"EC"}' }
    expect(readAtStart(env, { metricsToken: 42 })).toMatchObject({ metricsToken: '0042', rateLimits: { bytesIn: Infinity }, token: { key: '{"kty":"EC"}' } })
    expect(readAtStart({ OR3_SYNC_BACKEND: 'sqlite', NUXT_OR3_SYNC_BACKEND: 'convex' }).backend, 'its own variable comes first').toBe('sqlite')
  })

  it('take origins as a list or as text with commas, and refuse what is none', () => {
    expect(read({ OR3_SYNC_ALLOWED_ORIGINS: 'https://a.example, http://localhost:8080' }, { allowedOrigins: ['https://b.example'] }).allowedOrigins).toEqual(['https://a.example', 'http://localhost:8080'])
    expect(read({}, { allowedOrigins: ['https://b.example'] }).allowedOrigins).toEqual(['https://b.example'])
    for (const origin of ['*', 'null', 'a.example', 'https://a.example/', 'https://a.example/path', 'capacitor://localhost']) {
      expect(() => read({ OR3_SYNC_ALLOWED_ORIGINS: origin }), origin).toThrow(`[or3-sync] OR3_SYNC_ALLOWED_ORIGINS is "${origin}"; accepted: origins such as`)
    }
  })

  it('read the Convex URL from VITE_CONVEX_URL before CONVEX_URL', () => {
    const both = { VITE_CONVEX_URL: 'https://a.convex.cloud', CONVEX_URL: 'https://b.convex.cloud' }
    expect(read(both).convexUrl).toBe('https://a.convex.cloud')
    expect(read({ CONVEX_URL: both.CONVEX_URL }).convexUrl).toBe('https://b.convex.cloud')
  })
})

describe('F58: every setting is checked', () => {
  const WHOLE = 'a whole number, 1 or more, or Infinity for no limit'

  it.each<[object, object, string]>([
    [{ SSR_AUTH_ENABLED: 'yes' }, {}, 'SSR_AUTH_ENABLED is "yes"; accepted: true or false'],
    [{ OR3_SYNC_ENABLED: '1' }, {}, 'OR3_SYNC_ENABLED is "1"; accepted: true or false'],
    [{ OR3_SYNC_BACKEND: 'mysql' }, {}, 'OR3_SYNC_BACKEND is "mysql"; accepted: sqlite, convex, postgres'],
    [{ CONVEX_URL: 'convex' }, {}, 'CONVEX_URL is "convex"; accepted: a URL such as https://name.convex.cloud'],
    [{ OR3_SYNC_TOKEN_ISSUER: 'my app' }, {}, 'OR3_SYNC_TOKEN_ISSUER is "my app"; accepted: a URL such as https://app.example.com'],
    [{}, { enabled: 1 }, 'or3Sync.enabled is 1; accepted: true or false'],
    [{}, { provider: 7 }, 'or3Sync.provider is 7; accepted: text'],
    [{}, { rateLimits: { push: 'abc' } }, `or3Sync.rateLimits.push is "abc"; accepted: ${WHOLE}`],
    [{}, { rateLimits: { token: 0 } }, `or3Sync.rateLimits.token is 0; accepted: ${WHOLE}`],
    [{}, { rateLimits: { bytesIn: NaN } }, `or3Sync.rateLimits.bytesIn is NaN; accepted: ${WHOLE}`],
    [{}, { rateLimits: 100 }, 'or3Sync.rateLimits is 100; accepted: an object with any of push, pull, cursor, token, bytesIn, bytesOut, storage'],
    [{}, { streamLimits: { perUser: 1.5 } }, `or3Sync.streamLimits.perUser is 1.5; accepted: ${WHOLE}`],
    [{}, { memoryLimits: { total: '64 MB' } }, `or3Sync.memoryLimits.total is "64 MB"; accepted: ${WHOLE}`],
    [{}, { purgeAfterDays: -3 }, 'or3Sync.purgeAfterDays is -3; accepted: a number, 0 to 36500'],
    [{}, { logLevel: 'loud' }, 'or3Sync.logLevel is "loud"; accepted: silent, error, warn, info, debug'],
    [{}, { clientLogLevel: 'all' }, 'or3Sync.clientLogLevel is "all"; accepted: silent, error, warn, info, debug'],
    [{}, { metricsToken: 12345 }, 'or3Sync.metricsToken is of type number; accepted: text'],
    [{}, { schema: 5 }, 'or3Sync.schema is 5; accepted: text'],
  ])('refuses %j with %j in one line', (env, configured, line) => {
    expect(() => read(env as Env, configured)).toThrow(new Error(`[or3-sync] ${line}`))
  })

  it('refuses what a NUXT_ override says at the start, under the name of that variable', () => {
    expect(() => readAtStart({ NUXT_OR3_SYNC_RATE_LIMITS_PUSH: 'abc' }, { rateLimits: { push: 'abc' } })).toThrow(new Error(`[or3-sync] NUXT_OR3_SYNC_RATE_LIMITS_PUSH is "abc"; accepted: ${WHOLE}`))
    expect(() => readAtStart({}, { purgeAfterDays: -3 })).toThrow('or3Sync.purgeAfterDays is -3')
  })

  it.each([
    [{ enabld: true }, 'or3Sync.enabld is not an option (did you mean enabled?)'],
    [{ rateLimit: {} }, 'or3Sync.rateLimit is not an option (did you mean rateLimits?)'],
    [{ rateLimits: { pulls: 5 } }, 'or3Sync.rateLimits.pulls is not an option (did you mean pull?)'],
    [{ databaseURL: 'x' }, 'or3Sync.databaseURL is not an option (did you mean databaseUrl?)'],
    [{ nothingLikeIt: 1 }, 'or3Sync.nothingLikeIt is not an option; accepted: enabled,'],
  ])('refuses the unknown option in %j, with the nearest known name', (configured, line) => {
    expect(() => read({}, configured)).toThrow(`[or3-sync] ${line}`)
  })

  it('tells of variables that look like its own and are none', () => {
    const known = { OR3_SYNC_BACKEND: '', SSR_AUTH_ENABLED: '', OR3_SYNC_TOKEN_KEY: '', NUXT_OR3_SYNC_MEMORY_LIMITS_PER_USER: '', NUXT_PUBLIC_OR3_SYNC_ENABLED: '', NUXT_OR3_SYNC_TOKEN_PREVIOUS_KEY: '', OR3_OTHER: '' }
    expect(unknownVariables({ ...known, OR3_SYNC_BACKND: 'convex', NUXT_OR3_SYNC_RATE_LIMIT_PUSH: '5' })).toEqual([
      '[or3-sync] the variable OR3_SYNC_BACKND is set, and no setting has that name (did you mean OR3_SYNC_BACKEND?)',
      '[or3-sync] the variable NUXT_OR3_SYNC_RATE_LIMIT_PUSH is set, and no setting has that name (did you mean NUXT_OR3_SYNC_RATE_LIMITS_PUSH?)',
    ])
  })

  it('takes numbers as text, and Infinity for no limit', () => {
    expect(read({}, { rateLimits: { push: '500', pull: Infinity }, purgeAfterDays: 0.5 })).toMatchObject({ rateLimits: { push: 500, pull: Infinity }, purgeAfterDays: 0.5 })
  })
})
