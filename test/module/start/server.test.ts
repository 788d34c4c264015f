import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { $fetch, fetch, setup, useTestContext } from '@nuxt/test-utils/e2e'
import { describe, expect, it, vi } from 'vitest'
import { freePort } from '../../support/free-port'
import { wireOp } from '../../../src/testing/contract/make-op'
import { generateTokenKeys } from '../../../server/lib/tokens/generate-token-keys'

describe('an app with the module, built', async () => {
  await setup({
    rootDir: fileURLToPath(new URL('../../fixtures/todo-app', import.meta.url)),
    browser: false,
    env: {
      OR3_SYNC_SQLITE_PATH: join(tmpdir(), `or3-start-${randomUUID()}.sqlite`),
      OR3_SYNC_TOKEN_KEY: (await generateTokenKeys()).privateKey,
      NUXT_OR3_SYNC_RATE_LIMITS_TOKEN: '1',
      NUXT_PUBLIC_OR3_SYNC_CLIENT_LOG_LEVEL: 'debug',
      NUXT_PUBLIC_OR3_SYNC_PROJECT_ID: 'p1',
    },
  })

  it('renders pages, and the first status with them', async () => {
    const page = await $fetch<string>('/')
    const status = /<pre id="status">(.*?)<\/pre>/s.exec(page)![1]!.replaceAll('&quot;', '"')
    expect(JSON.parse(status)).toMatchObject({ state: 'connecting', reason: null, pendingCount: 0 })
    expect(page, 'overrides reach the browser').toMatch(/clientLogLevel:"debug".*projectId:"p1"|projectId:"p1".*clientLogLevel:"debug"/s)
  })

  it('has the routes of the gateway, and asks the app who is there', async () => {
    await expect($fetch('/api/sync/health')).resolves.toMatchObject({ ok: true, backend: 'sqlite' })
    await expect($fetch('/api/sync/session')).resolves.toMatchObject({ status: 'unauthenticated' })
    await expect($fetch('/api/sync/session', { headers: { 'x-user': 'ada' } })).resolves.toMatchObject({ status: 'authenticated', userId: 'ada' })
  })

  it('lets the app\'s server code write and read rows', async () => {
    await expect($fetch('/api/server-rows')).resolves.toEqual({ written: 'hello', read: 'hello', listed: 1 })
  })

  it('tells the app\'s listeners what a push has changed, also when one of them is broken', async () => {
    const push = { method: 'POST' as const, headers: { 'x-user': 'ada' }, body: { scope: { workspaceId: 'ada' }, ops: [wireOp({ payload: { id: 'a', title: 'told', list_id: 'l' } })] } }
    await expect($fetch('/api/sync/push', push)).resolves.toMatchObject({ results: [{ applied: true }] })
    await vi.waitFor(async () => expect(await $fetch('/api/changes')).toContainEqual({ workspaceId: 'ada', userId: 'ada', titles: ['told'] }))
  })

  it('renders a user\'s rows into their page, and into no other', async () => {
    const push = { method: 'POST' as const, headers: { 'x-user': 'cleo' }, body: { scope: { workspaceId: 'cleo' }, ops: [wireOp({ payload: { id: 'a', title: 'in the page', list_id: 'rendered' } })] } }
    await expect($fetch('/api/sync/push', push)).resolves.toMatchObject({ results: [{ applied: true }] })
    const [own, others] = await Promise.all(['cleo', 'dan'].map(user => fetch('/', { headers: { 'x-user': user } })))
    expect(own!.headers.get('cache-control')).toBe('private, no-cache')
    const [page, other] = [await own!.text(), await others!.text()]
    expect(page).toContain('<pre id="rendered">in the page</pre>')
    expect(page.slice(page.indexOf('__NUXT_DATA__'))).toContain('"in the page"')
    expect(other).toContain('<pre id="rendered"></pre>')
    expect(other).not.toContain('in the page')
  })

  it('F58: counts tokens against rateLimits.token', async () => {
    const ask = async () => (await fetch('/api/sync/token', { headers: { 'x-user': 'ada' } })).status
    expect([await ask(), await ask()]).toEqual([200, 429])
  })

  it.each([
    [{ NUXT_OR3_SYNC_RATE_LIMITS_PUSH: 'abc' }, 'NUXT_OR3_SYNC_RATE_LIMITS_PUSH is "abc"; accepted: a whole number, 1 or more, or Infinity for no limit'],
    [{ NUXT_OR3_SYNC_PURGE_AFTER_DAYS: '-3' }, 'NUXT_OR3_SYNC_PURGE_AFTER_DAYS is "-3"; accepted: a number, 0 to 36500'],
    [{ NUXT_OR3_SYNC_LOG_LEVEL: 'loud' }, 'NUXT_OR3_SYNC_LOG_LEVEL is "loud"; accepted: silent, error, warn, info, debug'],
    [{ NUXT_PUBLIC_OR3_SYNC_CLIENT_LOG_LEVEL: 'loud' }, 'NUXT_PUBLIC_OR3_SYNC_CLIENT_LOG_LEVEL is "loud"; accepted: silent, error, warn, info, debug'],
    [{ OR3_SYNC_BACKEND: 'mysql' }, 'OR3_SYNC_BACKEND is "mysql"; accepted: sqlite, convex, postgres'],
    [{ OR3_SYNC_BACKEND: 'postgres' }, 'OR3_SYNC_BACKEND is "postgres", which is not in this build; accepted: sqlite, convex'],
  ])('F58: does not start with %j, and says so in one line', async (env, line) => {
    expect(await start(env)).toEqual({ code: 1, stderr: `[or3-sync] ${line}\n` })
  })

  it.each([
    [{ OR3_SYNC_ENABLED: 'true', SSR_AUTH_ENABLED: 'false' }, ['[or3-sync] OR3_SYNC_ENABLED is true and SSR_AUTH_ENABLED is not, so sync is off; set SSR_AUTH_ENABLED=true as well before the server starts']],
    // An app may sign users in and not sync.
    [{ OR3_SYNC_ENABLED: 'false', SSR_AUTH_ENABLED: 'true' }, []],
  ])('F57: says which switch was forgotten, once: %j', async (env, lines) => {
    // The wrong key stops it, after the lines about settings.
    const { stderr } = await start({ ...env, OR3_SYNC_TOKEN_KEY: 'none' })
    expect(stderr.split('\n').filter(line => line.startsWith('{')).map(line => (JSON.parse(line) as { message: string }).message)).toEqual(lines)
  })

  /** Starts the built server; resolves when it has ended. */
  async function start(env: Record<string, string>): Promise<{ code: number | null, stderr: string }> {
    const { nuxt } = useTestContext()
    const child = spawn(process.execPath, [join(nuxt!.options.nitro.output!.dir!, 'server/index.mjs')], {
      env: { ...process.env, NITRO_PORT: String(await freePort()), NITRO_HOST: '127.0.0.1', ...env }, stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    return { code, stderr }
  }
})
