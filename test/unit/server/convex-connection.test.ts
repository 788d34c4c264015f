import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { convexBackend, createSyncGateway } from 'or3-sync/server'
import type { SyncGateway } from 'or3-sync/server'
import { connectConvex } from '../../../server/lib/backends/convex/connect-convex'
import { openConvex } from '../../../server/lib/backends/convex/open-convex'
import { todoSchema } from '../../support/todo-schema'
import { acceptedOp, NOW, wireOp } from './support/make-op'
import { startTestGateway } from './support/test-gateway'

type Rows = Pick<SyncGateway, 'write' | 'get' | 'list'>
type Answer = { status?: number, headers?: Record<string, string>, body?: unknown }

const done = (value: unknown): Answer => ({ body: { status: 'success', value, logLines: [] } })
const threw = (errorData: unknown): Answer => ({ status: 560, body: { status: 'error', errorMessage: 'Server Error', errorData, logLines: [] } })
const CONFLICT: Answer = { status: 503, body: { code: 'OptimisticConcurrencyControlFailure', message: 'Data read or written in this mutation changed' } }
const VERSION = done({ latestVersion: 7, epoch: 'e' })

/** Convex's own HTTP client against a server that answers what a test says. */
describe('the way to a Convex deployment', () => {
  let server: Server
  let url: string
  let answers: Answer[]
  let calls: { path: string, authorization: string | undefined, body: { path: string, args: Record<string, unknown>[] } }[]
  let minted: string[]
  let waits: number[]
  let now: number

  beforeEach(async () => {
    [answers, calls, minted, waits, now] = [[], [], [], [], NOW]
    server = createServer((request, response) => {
      let text = ''
      request.on('data', chunk => text += chunk)
      request.on('end', () => {
        calls.push({ path: request.url!, authorization: (request.headers as IncomingHttpHeaders).authorization, body: JSON.parse(text) as (typeof calls)[number]['body'] })
        const { status = 200, headers = {}, body } = answers.shift() ?? { status: 500 }
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body ?? {}))
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => new Promise(resolve => server.close(resolve)))

  const mintToken = async (subject: string) => {
    minted.push(subject)
    return { token: `${subject} ${minted.length}`, expiresAt: now + 600_000 }
  }
  const open = (adminKey?: string) => convexBackend({
    url, mintToken, adminKey,
    client: connectConvex({ url, mintToken, adminKey, environment: { wait: async (ms) => { waits.push(ms) }, random: () => 0.5, now: () => now } }),
  })
  const push = () => open().push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp()], now: NOW })

  it.each([
    ['write', (gateway: Rows) => gateway.write('w1', [{ table: 'todos', delete: 'a' }])],
    ['get', (gateway: Rows) => gateway.get('w1', 'todos', 'a')],
    ['list', (gateway: Rows) => gateway.list('w1', 'todos')],
  ] as const)('says what to do when the deployment has no function %s yet', async (name, call) => {
    answers = [{ status: 560, body: { status: 'error', errorMessage: `Could not find function for 'sync:${name}'.`, logLines: [] } }]
    const gateway = createSyncGateway({ schema: todoSchema, backend: open('key'), session: () => null })
    await expect(call(gateway)).rejects.toMatchObject({
      code: 'SERVER_ERROR', retryable: false,
      message: `the Convex function sync:${name} failed, or the deployment does not have it. Export write, get and list of defineSyncFunctions from convex/sync.ts, and deploy. Convex says: Could not find function for 'sync:${name}'.`,
    })
    expect(calls).toHaveLength(1)
  })

  it('calls as the user who asks, and as the gateway for version numbers', async () => {
    answers = [done('ok'), VERSION]
    const backend = open()
    await backend.updateCursor({ workspaceId: 'w1', userId: 'ada', deviceId: 'd', version: 3, now: NOW })
    expect(await backend.latestVersion('w1')).toBe(7)
    expect(calls.map(({ path, authorization, body }) => [path, authorization, body.path, body.args[0]])).toEqual([
      ['/api/mutation', 'Bearer ada 1', 'sync:updateDeviceCursor', { workspaceId: 'w1', deviceId: 'd', version: 3 }],
      ['/api/query', 'Bearer or3-sync:gateway 2', 'sync:watchChanges', { workspaceId: 'w1' }],
    ])
  })

  it('uses a token until shortly before it expires', async () => {
    answers = [VERSION, VERSION, VERSION]
    const backend = open()
    await backend.health()
    now += 500_000
    await backend.health()
    now += 50_000
    await backend.health()
    expect(minted).toHaveLength(2)
  })

  it('tries a conflict again, with growing waits, and each op still counts once', async () => {
    const result = done({ results: [{ opId: 'x', success: true, applied: true, serverVersion: 1 }], serverVersion: 1, applied: 1, serverTime: NOW })
    answers = [CONFLICT, CONFLICT, result]
    expect(await push()).toMatchObject({ status: 'pushed', applied: 1 })
    expect(waits).toEqual([100, 300])
    expect(new Set(calls.map(({ body }) => JSON.stringify(body))).size, 'the same request').toBe(1)
  })

  it('passes on that the deployment is away, and when to come back', async () => {
    answers = Array.from({ length: 3 }, () => ({ ...CONFLICT, headers: { 'retry-after': '7' } }))
    await expect(push()).rejects.toMatchObject({ name: 'BackendUnavailableError', retryAfter: 7 })
    expect(calls).toHaveLength(3)
    await new Promise(resolve => server.close(resolve))
    await expect(push(), 'nobody listens').rejects.toMatchObject({ name: 'BackendUnavailableError', retryAfter: 1 })
  })

  it('tries a refused token once more with a fresh one', async () => {
    answers = [{ status: 401, body: { code: 'InvalidAuthHeader' } }, VERSION]
    expect(await open().latestVersion('w1')).toBe(7)
    answers = [{ status: 401 }, { status: 401 }]
    await expect(open().latestVersion('w1')).rejects.toMatchObject({ name: 'ConvexHttpError', status: 401 })
    expect(minted).toHaveLength(4)
  })

  it('tells a batch that is too large, and a refusal, from a store that is away', async () => {
    answers = [threw({ code: 'OVERSIZED', message: 'send fewer ops' }), threw({ code: 'UNAUTHORIZED', message: 'you are not a member of this workspace' }), threw(undefined)]
    expect(await push()).toEqual({ status: 'too-large', reason: 'send fewer ops' })
    await expect(push()).rejects.toMatchObject({ name: 'GatewayError', statusCode: 403, code: 'UNAUTHORIZED' })
    await expect(push()).rejects.toMatchObject({ name: 'FailedBatchError', cause: { message: 'Server Error' } })
  })

  it('passes no code on that only a client may know of itself', async () => {
    answers = [threw({ code: 'NEWER_DATABASE', message: 'reload' })]
    await expect(push()).rejects.toMatchObject({ name: 'ConvexError' })
  })

  it('says of a batch that the function fails over that it failed, and not that the store is away', async () => {
    const gateway = await startTestGateway({ backend: open() })
    const post = (ops: unknown[]) => gateway.post('/push', { scope: { workspaceId: 'w1' }, ops })
    answers = [threw(undefined)]
    const failed = await post([wireOp()])
    expect([failed.status, failed.headers.get('retry-after'), failed.body]).toMatchObject([500, null, { data: { code: 'SERVER_ERROR' } }])
    expect(gateway.log).toEqual(['[or3-sync] a request failed FailedBatchError: the Convex function sync:push failed'])
    answers = Array.from({ length: 3 }, () => CONFLICT)
    const away = await post([wireOp()])
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1'])
    // Who sends nothing asks whether pushes are taken, as this user.
    answers = [done({ results: [], serverVersion: 7, applied: 0, serverTime: NOW })]
    expect((await post([])).body).toMatchObject({ results: [], serverVersion: 7 })
    expect(calls.at(-1)).toMatchObject({ path: '/api/mutation', authorization: expect.stringContaining('ada') as string, body: { path: 'sync:push', args: [{ workspaceId: 'w1', ops: [] }] } })
    await gateway.stop()
  })

  it('asks of an op that the gateway refused itself only what the store holds, and keeps its place and words', async () => {
    const refused = { kind: 'rejected', opId: 'mine', errorCode: 'VALIDATION_ERROR', error: 'payload: no' } as const
    const current = { serverVersion: 4, op: 'put', payload: '{}', stamp: { deviceId: 'd', opId: 'o', hlc: 'h', clock: 1 } }
    answers = [done({
      results: [{ opId: null, success: false, errorCode: 'VALIDATION_ERROR', error: 'refused by the caller', current }, { opId: 'x', success: true, applied: true, serverVersion: 5 }],
      serverVersion: 5, applied: 1, serverTime: NOW,
    })]
    const items = [{ ...refused, opId: null }, { ...refused, record: { tableName: 'todos', pk: 'a' } }, acceptedOp()]
    const outcome = await open().push({ workspaceId: 'w1', userId: 'ada', items, now: NOW })
    expect(calls[0]?.body.args[0]?.ops).toMatchObject([{ look: { tableName: 'todos', pk: 'a' } }, { pk: 'a', operation: 'put' }])
    expect(outcome).toMatchObject({ results: [
      { opId: null, success: false, error: 'payload: no' },
      { opId: 'mine', success: false, error: 'payload: no', current: { tableName: 'todos', pk: 'a', serverVersion: 4 } },
      { opId: 'x', success: true },
    ] })
  })

  it('does what only the operator may do with the deployment\'s key, and leaves it to the deployment without', async () => {
    answers = [done({ workspaces: 1, tombstones: 2, devices: 3, purged: 4, done: true }), done('new'), done({ records: 100, devices: 0, done: false }), done({ records: 5, devices: 2, done: true })]
    const gc = { now: NOW, retentionMs: 1, cursorExpiryMs: 2, purgeBefore: 3 }
    expect([await open('key').gc(gc), await open('key').newEpoch()]).toEqual([{ workspaces: 1, tombstones: 2, devices: 3, purged: 4 }, 'new'])
    expect(await open('key').erase('w1')).toEqual({ records: 105, devices: 2 })
    expect(calls[0]?.body.args[0]).toEqual(gc)
    expect(calls.map(({ authorization, body }) => [authorization, body.path])).toEqual(['sync:gc', 'sync:newEpoch', 'sync:erase', 'sync:erase'].map(path => ['Convex key', path]))
    expect(await open().gc(gc)).toEqual({ workspaces: 0, tombstones: 0, devices: 0, purged: 0 })
    // Through the gateway, which has words of its own for a store that fails.
    const gateway = createSyncGateway({ schema: todoSchema, session: () => null, backend: open() })
    await expect(gateway.newEpoch()).rejects.toThrow('CONVEX_DEPLOY_KEY or CONVEX_SELF_HOSTED_ADMIN_KEY, or adminKey); or run: npx convex run sync:newEpoch')
    await expect(gateway.eraseWorkspace('w1')).rejects.toThrow('npx convex run sync:erase \'{"workspaceId":"w1"}\'')
    expect(calls).toHaveLength(4)
  })

  it('says at the start what it lacks', async () => {
    await expect(openConvex({})).rejects.toThrow('set CONVEX_URL or VITE_CONVEX_URL')
    await expect(openConvex({ url })).rejects.toThrow('set OR3_SYNC_TOKEN_KEY, or OR3_SYNC_BACKEND=sqlite where only browsers speak to Convex')
    const backend = await openConvex({ url, tokens: { mintToken, jwks: () => ({ keys: [] }) } })
    expect([backend.id, backend.limits]).toEqual(['convex', { ops: 500, bytes: 1024 * 1024, replacedBytes: 512 * 1024 }])
  })
})
