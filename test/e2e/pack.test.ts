import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import type { PendingOp, PullResponse, PushResult } from '#or3-sync/shared/sync/protocol/types'
import { freePort } from '../support/free-port'
import { launchChromium } from '../support/launch-chromium'
import { developerShell as shell, packModule } from '../support/pack-module'

const ROOT = join(import.meta.dirname, '../..')
const MINUTE = 60_000
const run = promisify(execFile)

describe('the packed module in a fresh app', () => {
  let app: string
  let server: ChildProcess | undefined

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'or3-packed-'))
    await cp(join(ROOT, 'test/fixtures/packed-app'), app, { recursive: true })
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', await packModule()], { cwd: app, env: shell })
    await inApp('node_modules/nuxt/bin/nuxt.mjs', 'build')
  }, 10 * MINUTE)

  afterAll(async () => {
    await stop()
    await rm(app, { recursive: true, force: true })
  })

  const inApp = (script: string, ...args: string[]) => run(process.execPath, [script, ...args], { cwd: app, env: shell, maxBuffer: 2 ** 26 })

  /** Starts the built server; resolves to its origin once it answers, or to what it wrote when it ended before. */
  async function start(env: Record<string, string>): Promise<{ origin: string } | { code: number | null, stderr: string }> {
    await stop()
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const child = spawn(process.execPath, ['.output/server/index.mjs'], {
      cwd: app,
      env: { ...shell, NODE_ENV: 'production', NITRO_HOST: '127.0.0.1', NITRO_PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    server = child
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
    const ended = new Promise<{ code: number | null, stderr: string }>(resolve => child.once('close', code => resolve({ code, stderr })))
    const listening = new Promise<{ origin: string }>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('Listening')) resolve({ origin })
      })
    })
    return Promise.race([ended, listening])
  }

  async function started(env: Record<string, string>): Promise<string> {
    const outcome = await start(env)
    if ('origin' in outcome) return outcome.origin
    throw new Error(`the server ended with ${outcome.code}: ${outcome.stderr}`)
  }

  async function stop(): Promise<void> {
    const child = server
    server = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const closed = new Promise(resolve => child.once('close', resolve))
    child.kill('SIGKILL')
    await closed
  }

  const post = (url: string, body: unknown) => fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': 'ada' },
    body: JSON.stringify(body),
  })

  it('exports engine, schema and gateway to plain Node', async () => {
    const { stdout } = await inApp('exports.mjs')
    expect(stdout.split('\n')).toEqual(['createSyncEngine', 'createSyncGateway', 'defineSyncSchema', 'memoryBackend', 'sqliteBackend'].map(name => `${name}: function`))
  })

  it('brings a doctor that finds nothing wrong but the switches, and the page that it links to', async () => {
    const { stdout } = await inApp('node_modules/.bin/or3-sync', 'doctor', '--json')
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean, findings: { check: string, status: string, docs?: string }[] }
    expect([ok, findings.filter(({ status }) => status !== 'ok').map(({ check }) => check)]).toEqual([true, ['switches']])
    const page = findings.find(({ docs }) => docs)!.docs!.split('#')[0]!
    await expect(readFile(join(app, page), 'utf8')).resolves.toContain('### `switched-off`')
  })

  it('types getDb() by the tables of the app\'s schema', async () => {
    const check = run(process.execPath, [join(ROOT, 'node_modules/vue-tsc/bin/vue-tsc.js'), '--noEmit', '-p', app], { cwd: app, env: shell })
    await expect(check.then(result => result.stdout, (error: { stdout: string }) => error.stdout)).resolves.toBe('')
  })

  it('stores what is pushed and answers it to a pull', async () => {
    const origin = await started({ SSR_AUTH_ENABLED: 'true', OR3_SYNC_ENABLED: 'true' })
    const scope = { workspaceId: 'w1' }
    const op: PendingOp = {
      id: '1', tableName: 'todos', operation: 'put', pk: 't1', payload: { id: 't1', list_id: 'a', title: 'Pack' },
      stamp: { deviceId: 'd1', opId: randomUUID(), hlc: formatHlc({ ms: Date.now(), counter: 0, node: 'packtest0001' }), clock: 1 },
      base: null, createdAt: Date.now(), attempts: 0, status: 'pending',
    }
    const bad = { ...op, pk: 't2', payload: { id: 't2', list_id: 'a', title: 5 }, stamp: { ...op.stamp, opId: randomUUID() } }

    const pushed = await (await post(`${origin}/api/sync/push`, { scope, ops: [op, bad] })).json() as PushResult
    expect(pushed.results).toMatchObject([{ success: true, applied: true }, { success: false, errorCode: 'VALIDATION_ERROR' }])

    const pulled = await (await post(`${origin}/api/sync/pull`, { scope, cursor: 0, limit: 100 })).json() as PullResponse
    expect(pulled.changes).toMatchObject([{ tableName: 'todos', pk: 't1', op: 'put', payload: op.payload, stamp: op.stamp }])
    expect((await fetch(`${origin}/`)).status).toBe(200)
  })

  it.each([
    ['on', 'true', { state: 'connecting', reason: null }, { state: 'idle', reason: null }, 'authenticated'],
    ['off', 'false', { state: 'disabled', reason: 'switched-off' }, { state: 'disabled', reason: 'switched-off' }, 'unauthenticated'],
  ])('F54: renders the same first status and session on the server and in the browser, then the real ones (sync %s)', async (_what, enabled, first, then, signedIn) => {
    const origin = await started({ SSR_AUTH_ENABLED: 'true', OR3_SYNC_ENABLED: enabled })
    const rendered = /<pre id="status">(.*?)<\/pre>/s.exec(await (await fetch(`${origin}/`)).text())![1]!
    expect(JSON.parse(rendered.replaceAll('&quot;', '"'))).toMatchObject(first)

    const browser = await launchChromium()
    const page = await browser.newPage({ extraHTTPHeaders: { 'x-user': 'ada' } })
    const said: string[] = []
    page.on('console', message => said.push(message.text()))
    page.on('pageerror', error => said.push(String(error)))
    // Whatever is known is known before the page is taken over.
    await page.route('**/_nuxt/**', async (route) => {
      await new Promise(resolve => setTimeout(resolve, 100))
      await route.continue()
    })
    await page.goto(origin)
    const shown = async (id: string) => JSON.parse(await page.locator(`#${id}`).textContent() ?? 'null') as Record<string, unknown>
    await expect.poll(() => shown('status')).toMatchObject(then)
    await expect.poll(() => shown('session')).toMatchObject({ signedIn })
    expect(said).toEqual([])
    await browser.close()
  })

  it('answers 404 on every route when started with sync off', async () => {
    const origin = await started({ SSR_AUTH_ENABLED: 'true', OR3_SYNC_ENABLED: 'false' })
    const routes = ['push', 'pull', 'cursor'].map(route => post(`${origin}/api/sync/${route}`, {}))
      .concat(['session', 'subscribe', 'health', 'token', '.well-known/jwks.json'].map(route => fetch(`${origin}/api/sync/${route}`)))
    expect((await Promise.all(routes)).map(reply => reply.status)).toEqual(routes.map(() => 404))
    expect((await fetch(`${origin}/`)).status).toBe(200)
  })

  it('F59: does not start with a Convex URL in a build without the package convex', async () => {
    const outcome = await start({ SSR_AUTH_ENABLED: 'true', OR3_SYNC_ENABLED: 'true', CONVEX_URL: 'https://name.convex.cloud' })
    expect(outcome).toMatchObject({ code: 1 })
    expect((outcome as { stderr: string }).stderr.trim().split('\n').at(-1)).toBe('[or3-sync] a Convex URL is set (https://name.convex.cloud), and this build is without the package "convex"; run: npm install convex, and build again')
  })

  it('does not start with a value it does not know, and says so in one line', async () => {
    const outcome = await start({ SSR_AUTH_ENABLED: 'true', OR3_SYNC_ENABLED: 'perhaps' })
    expect(outcome).toMatchObject({ code: 1 })
    expect((outcome as { stderr: string }).stderr.trim()).toBe('[or3-sync] OR3_SYNC_ENABLED is "perhaps"; accepted: true or false')
  })
})
