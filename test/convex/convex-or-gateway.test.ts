import { ConvexClient } from 'convex/browser'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PullResponse, SyncProvider } from 'or3-sync/client'
import { ConvexOrGatewayProvider } from '#or3-sync/app/convex-or-gateway-provider'
import { USER_HEADER } from '#or3-sync/shared/sync/protocol/limits'
import { jsonReply } from '../support/pushed-ops'
import { type Loopback, startLoopback } from './loopback/start-loopback'
import { makeTokenKeys, type TokenKeys } from './token-keys'

const page: PullResponse = { changes: [], nextCursor: 7, hasMore: false, latestVersion: 7 }

describe('the built-in provider convex', () => {
  let loopback: Loopback
  let keys: TokenKeys
  const opened: ConvexOrGatewayProvider[] = []

  beforeAll(async () => {
    keys = await makeTokenKeys()
    loopback = await startLoopback({ providers: [keys.provider] })
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(provider => provider.dispose()))
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })
  afterAll(() => loopback.stop())

  /** With a server that answers `GET /token` like this; what goes through the gateway is noted. */
  function open(answer: () => Response | Promise<Response>, withClient = true) {
    const gatewayCalls: string[] = []
    const warnings: string[] = []
    const asked: string[] = []
    const named: (string | null)[] = []
    const given: (AbortSignal | null | undefined)[] = []
    const gateway: SyncProvider = {
      id: 'gateway', mode: 'gateway',
      push: async () => ({ results: [], serverVersion: 7 }),
      pull: async () => {
        gatewayCalls.push('pull')
        return page
      },
      subscribe: async () => () => {},
      schemaVersion: async () => 3,
    }
    vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
      asked.push(url)
      named.push(new Headers(init?.headers).get(USER_HEADER))
      given.push(init?.signal)
      return await answer()
    })
    const provider = new ConvexOrGatewayProvider({
      baseURL: 'http://app', userId: 'ann', gateway, openClient: withClient ? async () => new ConvexClient(loopback.url, { logger: false }) : null,
      log: { debug() {}, info() {}, warn: message => warnings.push(message), error() {} },
    })
    opened.push(provider)
    const pull = () => provider.pull({ scope: { workspaceId: 'ann', userId: 'ann' }, cursor: 0, limit: 10 })
    return { provider, pull, gatewayCalls, warnings, asked, named, given }
  }

  it('goes to Convex with the token of the app\'s server', async () => {
    const { pull, provider, gatewayCalls, asked } = open(async () => jsonReply({ token: await keys.sign('ann'), expiresAt: 0 }))
    expect(await pull()).toMatchObject({ changes: [], latestVersion: 0 })
    expect([provider.mode, gatewayCalls, asked[0]]).toEqual(['direct', [], 'http://app/api/sync/token'])
    expect(await provider.schemaVersion()).toBe(3)
  })

  it('goes through the gateway, for good, where the server has no key, and says so once', async () => {
    const { pull, provider, gatewayCalls, warnings, asked } = open(() => jsonReply({ data: { code: 'NOT_FOUND', message: 'no signing key is configured' } }, 404))
    expect(await pull()).toEqual(page)
    const askedAtFirst = asked.length
    expect(await pull()).toEqual(page)
    expect([provider.mode, gatewayCalls.length, warnings.length, asked.length]).toEqual(['gateway', 2, 1, askedAtFirst])
  })

  it.each([404, 200])('F29: a page of a proxy (%i) says nothing of keys: it is asked again', async (status) => {
    let isProxied = true
    const { pull, provider } = open(async () => isProxied ? new Response('<h1>Welcome</h1>', { status }) : jsonReply({ token: await keys.sign('ann'), expiresAt: 0 }))
    await expect(pull()).rejects.toMatchObject({ code: 'UNKNOWN', retryable: true })
    isProxied = false
    expect(await pull()).toMatchObject({ latestVersion: 0 })
    expect(provider.mode).toBe('direct')
  })

  it('goes through the gateway where there is no deployment', async () => {
    const { pull, gatewayCalls, asked } = open(() => new Response(null, { status: 500 }), false)
    await pull()
    expect([gatewayCalls, asked]).toEqual([['pull'], []])
  })

  it('does not when nobody is signed in: that is for the session to settle', async () => {
    const { pull, gatewayCalls } = open(() => new Response(null, { status: 401 }))
    await expect(pull()).rejects.toMatchObject({ code: 'UNAUTHORIZED', retryable: true })
    expect(gatewayCalls).toEqual([])
  })

  it('F13: asks for its user\'s token, and sends nothing when somebody else is signed in', async () => {
    const { pull, gatewayCalls, named } = open(() => jsonReply({ data: { code: 'USER_CHANGED', message: 'somebody else' } }, 409))
    await expect(pull()).rejects.toMatchObject({ code: 'USER_CHANGED' })
    expect([gatewayCalls, named[0]]).toEqual([[], 'ann'])
  })

  it('F13: is told by the deployment that it was asked for somebody else', async () => {
    const { pull, provider } = open(async () => jsonReply({ token: await keys.sign('ann'), expiresAt: 0 }))
    await expect(provider.pull({ scope: { workspaceId: 'ann', userId: 'bob' }, cursor: 0, limit: 10 })).rejects.toMatchObject({ code: 'USER_CHANGED' })
    expect(await pull()).toMatchObject({ latestVersion: 0 })
  })

  it('does not when the server cannot be reached, and goes on once it can', async () => {
    let isAway = true
    const { pull, gatewayCalls } = open(async () => {
      if (isAway) throw new TypeError('fetch failed')
      return jsonReply({ token: await keys.sign('ann'), expiresAt: 0 })
    })
    await expect(pull()).rejects.toMatchObject({ code: 'NETWORK_ERROR' })
    isAway = false
    expect(await pull()).toMatchObject({ latestVersion: 0 })
    expect(gatewayCalls).toEqual([])
  })

  it('gives a server that does not answer 30 s, and asks it again', async () => {
    // Of timers only these, for half a minute: Convex's socket goes on in real time.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let isSilent = true
    const { pull, gatewayCalls, asked, given } = open(async () => isSilent ? await new Promise<never>(() => {}) : jsonReply({ token: await keys.sign('ann'), expiresAt: 0 }))
    const first = pull().catch((error: unknown) => error)
    await vi.waitFor(() => { expect(asked).toHaveLength(1) })
    isSilent = false
    await vi.advanceTimersByTimeAsync(30_000)
    vi.useRealTimers()
    expect(await first).toMatchObject({ code: 'NETWORK_ERROR' })
    expect(given[0]?.aborted, 'the request is not left open').toBe(true)
    expect(await pull()).toMatchObject({ latestVersion: 0 })
    expect([gatewayCalls, asked.length]).toEqual([[], 2])
  })

  it('waits as long as a busy server asks it to', async () => {
    const { pull } = open(() => new Response(null, { status: 429, headers: { 'retry-after': '7' } }))
    await expect(pull()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfter: 7_000 })
  })
})
