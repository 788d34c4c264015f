import { describe, expect, it } from 'vitest'
import { readSwitches } from '#or3-sync/shared/sync/switches'

describe('the switches', () => {
  it('are off, and nothing is chosen, where nothing is said', () => {
    expect(readSwitches({})).toEqual({
      ssrAuthEnabled: false, syncEnabled: false, enabled: false, provider: '', backend: '', sqlitePath: '', databaseUrl: '', convexUrl: '', allowedOrigins: [],
    })
  })

  it('run sync only where both are true', () => {
    expect(readSwitches({ SSR_AUTH_ENABLED: 'true' }).enabled).toBe(false)
    expect(readSwitches({ OR3_SYNC_ENABLED: 'true' }).enabled).toBe(false)
    expect(readSwitches({ SSR_AUTH_ENABLED: 'true', OR3_SYNC_ENABLED: 'true' }).enabled).toBe(true)
  })

  it('take the environment before the configuration, and the configuration where a variable is empty', () => {
    const configured = { ssrAuthEnabled: true, enabled: true, backend: 'sqlite', sqlitePath: 'a.sqlite' }
    expect(readSwitches({ OR3_SYNC_ENABLED: 'false', OR3_SYNC_SQLITE_PATH: 'b.sqlite' }, configured)).toMatchObject({ enabled: false, sqlitePath: 'b.sqlite' })
    expect(readSwitches({ OR3_SYNC_ENABLED: '', OR3_SYNC_BACKEND: ' ' }, configured)).toMatchObject({ enabled: true, backend: 'sqlite' })
  })

  it('take origins as a list or as text with commas, and refuse what is none', () => {
    expect(readSwitches({ OR3_SYNC_ALLOWED_ORIGINS: 'https://a.example, http://localhost:8080' }, { allowedOrigins: ['https://b.example'] }).allowedOrigins).toEqual(['https://a.example', 'http://localhost:8080'])
    expect(readSwitches({}, { allowedOrigins: ['https://b.example'] }).allowedOrigins).toEqual(['https://b.example'])
    for (const origin of ['*', 'null', 'a.example', 'https://a.example/', 'https://a.example/path', 'capacitor://localhost']) {
      expect(() => readSwitches({ OR3_SYNC_ALLOWED_ORIGINS: origin }), origin).toThrow(`[or3-sync] OR3_SYNC_ALLOWED_ORIGINS is "${origin}"; accepted: origins such as`)
    }
  })

  it('read the Convex URL from VITE_CONVEX_URL before CONVEX_URL', () => {
    const both = { VITE_CONVEX_URL: 'https://a.convex.cloud', CONVEX_URL: 'https://b.convex.cloud' }
    expect(readSwitches(both).convexUrl).toBe('https://a.convex.cloud')
    expect(readSwitches({ CONVEX_URL: both.CONVEX_URL }).convexUrl).toBe('https://b.convex.cloud')
  })

  it.each([
    [{ SSR_AUTH_ENABLED: 'yes' }, {}, '[or3-sync] SSR_AUTH_ENABLED is "yes"; accepted: true or false'],
    [{ OR3_SYNC_ENABLED: '1' }, {}, '[or3-sync] OR3_SYNC_ENABLED is "1"; accepted: true or false'],
    [{ OR3_SYNC_BACKEND: 'mysql' }, {}, '[or3-sync] OR3_SYNC_BACKEND is "mysql"; accepted: sqlite, convex, postgres'],
    [{ CONVEX_URL: 'convex' }, {}, '[or3-sync] CONVEX_URL is "convex"; accepted: a URL such as https://name.convex.cloud'],
    [{}, { enabled: 1 }, '[or3-sync] or3Sync.enabled is 1; accepted: true or false'],
    [{}, { provider: 7 }, '[or3-sync] or3Sync.provider is 7; accepted: text'],
  ])('refuse %j with %j in one line', (env, configured, line) => {
    expect(() => readSwitches(env, configured)).toThrow(new Error(line))
  })
})
