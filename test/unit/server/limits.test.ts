import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStorage } from 'unstorage'
import { createTokenIssuer, generateTokenKeys } from 'or3-sync/server'
import { FlexibleRateLimiter } from '../../../server/lib/limits/flexible-rate-limiter'
import type { GatewayOptions } from '../../../server/lib/context/gateway-options'
import { StorageRateLimiter } from '../../../server/lib/limits/storage-rate-limiter'
import { wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { headOf, openSocket } from './support/raw-requests'
import { startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

const scope = { workspaceId: 'w1' }
let server: TestGateway
const start = async (options: Partial<GatewayOptions> = {}) => { server = await startTestGateway(options) }
afterEach(() => server?.stop())

const rateHeaders = ({ headers }: { headers: Headers }) =>
  ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-policy'].map(name => headers.get(name))

describe('rate limits', () => {
  const push = (user = 'ada') => server.post<ErrorReply>('/push', { scope, ops: [] }, user)

  it('tell the client where it stands, and when to come back', async () => {
    await start({ rateLimits: { push: 2 } })
    const replies = [await push(), await push(), await push()]
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(replies.map(rateHeaders)).toEqual([['2', '1', '2;w=60'], ['2', '0', '2;w=60'], ['2', '0', '2;w=60']])
    const wait = Number(replies[2]!.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
    expect(replies[2]!.headers.get('ratelimit-reset')).toBe(String(wait))
    expect((await push('bob')).status, 'each user has an allowance of their own').toBe(200)
    expect(rateHeaders(await server.post('/cursor', { scope, deviceId: 'd', version: 0 }))).toEqual(['600', '599', '600;w=60'])
  })

  it('count subscriptions as pulls', async () => {
    await start({ rateLimits: { pull: 1 } })
    const stream = await openStream(server, 'workspaceId=w1')
    expect(rateHeaders(stream.response)).toEqual(['1', '0', '1;w=60'])
    const refused = await server.get<ErrorReply>('/subscribe?workspaceId=w1')
    expect([refused.status, refused.body.data.code]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    stream.close()
  })

  it('count the tokens that a user asks for', async () => {
    const tokens = await createTokenIssuer({ key: (await generateTokenKeys()).privateKey })
    await start({ tokens, rateLimits: { token: 1 } })
    expect([(await server.get('/token')).status, (await server.get('/token')).status, (await server.get('/token', 'bob')).status]).toEqual([200, 429, 200])
  })

  it('are shared by servers that count in one storage', async () => {
    const storage = createStorage()
    let now = 1_000
    const [one, two] = [new StorageRateLimiter(storage, () => now), new StorageRateLimiter(storage, () => now)]
    expect(await one.take('push:ada', 2)).toEqual({ allowed: true, remaining: 1, resetMs: 60_000 })
    now += 10_000
    expect(await two.take('push:ada', 2)).toEqual({ allowed: true, remaining: 0, resetMs: 50_000 })
    expect(await one.take('push:ada', 2)).toEqual({ allowed: false, remaining: 0, resetMs: 50_000 })
    expect(await two.take('push:bob/../ada', 2)).toMatchObject({ allowed: true, remaining: 1 })
    now += 50_000
    expect(await two.take('push:ada', 2)).toEqual({ allowed: true, remaining: 1, resetMs: 60_000 })
  })

  it('let exactly the allowance pass when requests come all at once', async () => {
    for (const limiter of [new FlexibleRateLimiter(), new StorageRateLimiter(createStorage())]) {
      const states = await Promise.all(Array.from({ length: 20 }, () => limiter.take('push:ada', 7)))
      expect(states.filter(({ allowed }) => allowed)).toHaveLength(7)
    }
  })

  it('do not take the server down with their own store', async () => {
    await start({ rateLimiter: { take: () => Promise.reject(new Error('redis is away')) } })
    expect((await push()).status).toBe(200)
    expect(server.log.join()).toContain('the rate limiter does not answer')
  })
})

describe('change streams', () => {
  it('are limited per user and in total; who finds no room is told when to come back, and room comes back', async () => {
    await start({ streamLimits: { perUser: 2, total: 3 } })
    const [first, second, third] = await Promise.all(['ada', 'ada', 'bob'].map(user => openStream(server, 'workspaceId=w1', { 'x-user': user })))
    const refusal = async (user: string) => {
      const { status, body, headers } = await server.get<ErrorReply>('/subscribe?workspaceId=w1', user)
      return [status, body.data.code, headers.get('retry-after')]
    }
    expect(await refusal('ada')).toEqual([429, 'RATE_LIMITED', '15'])
    expect(await refusal('bob')).toEqual([503, 'SERVER_ERROR', '15'])
    first!.close()
    await expect.poll(() => server.gateway.feeds.streams).toBe(2)
    const again = await openStream(server, 'workspaceId=w1')
    expect(again.response.status).toBe(200)
    for (const stream of [second!, third!, again]) stream.close()
  })

  it('that stand behind another answer on their connection end with it, and give their place back', async () => {
    await start({ streamLimits: { perUser: 3, total: 3 } })
    const { socket } = openSocket(server.origin)
    socket.write(headOf('GET', '/subscribe?workspaceId=w1', 'ada').repeat(3))
    await expect.poll(() => server.gateway.feeds.streams).toBe(3)
    socket.destroy()
    await expect.poll(() => server.gateway.feeds.streams).toBe(0)
    const again = await openStream(server, 'workspaceId=w1')
    expect(again.response.status).toBe(200)
    again.close()
  })

  describe('whose reader takes nothing', () => {
    let socket: Socket
    beforeEach(() => start({ pingMs: 10 }))
    afterEach(() => socket.destroy())

    const subscribeAndStopReading = async () => {
      const { hostname, port } = new URL(server.origin)
      socket = connect(Number(port), hostname)
      socket.on('error', () => {})
      socket.pause()
      socket.write('GET /api/sync/subscribe?workspaceId=w1 HTTP/1.1\r\nhost: x\r\nx-user: ada\r\n\r\n')
      await expect.poll(() => server.gateway.feeds.streams).toBe(1)
    }
    /** More than the buffers of both ends of a connection hold. */
    const writeMuch = async () => {
      for (let round = 1; round <= 8; round++) {
        await server.push(Array.from({ length: 400 }, (_, index) => wireOp({ pk: `${round}-${index}`, payload: { id: `${round}-${index}`, title: 'x'.repeat(1_900) } })))
      }
    }

    it('are cut off after a few pings', async () => {
      await subscribeAndStopReading()
      await writeMuch()
      await expect.poll(() => server.gateway.feeds.streams, { timeout: 10_000 }).toBe(0)
    })

    it('do not hold up a server that stops', async () => {
      await server.stop()
      await start({ pingMs: 60_000 })
      await subscribeAndStopReading()
      await writeMuch()
      expect(server.gateway.feeds.streams).toBe(1)
      await server.gateway.drain()
      expect(server.gateway.feeds.streams).toBe(0)
    })
  })
})
