import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { memoryBackend } from '../../../server/lib/backends/memory'
import type { GatewayOptions } from '../../../server/lib/context/gateway-options'
import { watchHeldBytes } from './support/held-bytes'
import { acceptedOp, NOW, wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { headOf, openSocket } from './support/raw-requests'
import { startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

const scope = { workspaceId: 'w1' }
const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE

let server: TestGateway
let sockets: Socket[] = []
const held = watchHeldBytes()
const start = async (options: Partial<GatewayOptions> = {}) => { server = await startTestGateway({ metrics: held.metrics, ...options }) }
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  await server.stop()
})

/** Writes to a connection of its own and reads nothing. */
function send(text: string) {
  const opened = openSocket(server.origin)
  sockets.push(opened.socket)
  opened.socket.write(text)
  return opened
}
/** Resolves once `read` has been above `least` for half a second, by as many looks as fit into it. */
async function staysAbove(least: number, read: () => number): Promise<void> {
  for (let looks = 0; looks < 25; looks++) {
    await expect.poll(read, { timeout: 10_000 }).toBeGreaterThan(least)
    await new Promise(resolve => setTimeout(resolve, 20))
    if (read() <= least) looks = 0
  }
}
/** A store with rows that cannot be packed, about `kibibytes` of them. */
async function filledBackend(kibibytes: number) {
  const backend = memoryBackend()
  for (let from = 0; from < kibibytes / 1.5; from += 500) {
    const items = Array.from({ length: 500 }, (_, index) => acceptedOp({ pk: `row-${from + index}`, payload: { id: `row-${from + index}`, title: randomBytes(720).toString('hex') } }))
    await backend.push({ workspaceId: 'w1', userId: 'ada', items, now: NOW })
  }
  return backend
}

describe('F36: streams that nobody reads', () => {
  it('hold no more for one user than the user may hold, and leave those of others alone', async () => {
    await start({ memoryLimits: { perUser: 4 * MEBIBYTE, total: 64 * MEBIBYTE }, backend: await filledBackend(12_000) })
    for (let index = 0; index < 40; index++) send(headOf('GET', `/subscribe?workspaceId=w1&cursor=${index}`, 'ada'))
    await expect.poll(() => server.gateway.feeds.streams, { timeout: 10_000 }).toBe(40)
    let most = 0
    const watch = setInterval(() => { most = Math.max(most, held.now().streams) }, 1)
    const stream = await openStream(server, 'workspaceId=w1', { 'x-user': 'bob' })
    let cursor = 0
    while (cursor < 8_000) cursor = Number((await stream.next())!.id)
    clearInterval(watch)
    stream.close()
    // Ada's share, and pages that stay in the cache for a moment: 8 to 13 MiB, by how busy the machine is. Forty pages are 22 MiB.
    expect(most).toBeLessThan(16 * MEBIBYTE)
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => held.now().streams).toBe(0)
  })

  it('are few by default', async () => {
    await start()
    for (let index = 0; index < 64; index++) send(headOf('GET', '/subscribe?workspaceId=w1', 'ada'))
    await expect.poll(() => server.gateway.feeds.streams, { timeout: 10_000 }).toBe(64)
    expect((await server.get<ErrorReply>('/subscribe?workspaceId=w1')).status).toBe(429)
  })
})

it('F36: replies that nobody takes are held up to the user\'s limit; then the user\'s pulls wait, and are refused', async () => {
  await start({ memoryLimits: { perUser: 3 * MEBIBYTE, total: 64 * MEBIBYTE }, backend: await filledBackend(4_000) })
  const body = JSON.stringify({ scope, cursor: 0, limit: 2_000 })
  // Many on one connection: more than the buffers of the system take.
  for (let index = 0; index < 3; index++) send((headOf('POST', '/pull', 'ada', `content-length: ${body.length}`) + body).repeat(30))
  // The system's buffers take replies for a while: a pull that comes before they are full may be answered. Beside one reply there is no room for a pull.
  await staysAbove(MEBIBYTE, () => held.now().requests)
  let most = 0
  const watch = setInterval(() => { most = Math.max(most, held.now().requests) }, 1)
  const refused = await server.post<ErrorReply>('/pull', { scope, cursor: 0, limit: 2_000 }, 'ada')
  clearInterval(watch)
  expect([refused.status, refused.body.data.code, refused.headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', '1'])
  expect(most).toBeLessThan(9 * MEBIBYTE)
  expect((await server.post('/pull', { scope, cursor: 0, limit: 10 }, 'bob')).status).toBe(200)
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => held.now().requests).toBe(0)
})

it('F36: replies that stand behind others on their connection are held, too', async () => {
  const backend = await filledBackend(4_000)
  let pages = 0
  const pull = backend.pull.bind(backend)
  backend.pull = async (request) => { pages++; return await pull(request) }
  await start({ memoryLimits: { perUser: 3 * MEBIBYTE, total: 64 * MEBIBYTE }, backend, pingMs: 50 })
  const body = JSON.stringify({ scope, cursor: 0, limit: 2_000 })
  // A stream does not end: nothing behind it can leave.
  send(headOf('GET', '/subscribe?workspaceId=w1&cursor=3000', 'ada') + (headOf('POST', '/pull', 'ada', `content-length: ${body.length}`) + body).repeat(20))
  await staysAbove(MEBIBYTE, () => held.now().requests)
  expect(pages).toBeLessThan(10)
  // A server that waits for its reader hears of the end only when it writes: the stream's next ping.
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => held.now().requests, { timeout: 10_000 }).toBe(0)
})

describe('F40: bodies under way', () => {
  it('are not read where the user is in no workspace', async () => {
    await start({ session: () => ({ userId: 'mallory', workspaces: [] }) })
    const { socket, text } = send(headOf('POST', '/push', 'mallory', `content-length: ${MEBIBYTE}`))
    socket.resume()
    await expect.poll(text).toMatch(/^HTTP\/1\.1 403 /)
    expect(held.now().requests).toBe(0)
  })

  it('hold what the user may hold; more of them wait unread, and other users are served', async () => {
    await start({ memoryLimits: { perUser: 3 * MEBIBYTE, total: 64 * MEBIBYTE } })
    for (let index = 0; index < 50; index++) send(`${headOf('POST', '/push', 'eve', `content-length: ${MEBIBYTE}`)}{"scope":{"workspaceId":"w1"},"padding":"${'x'.repeat(900 * KIBIBYTE)}`)
    await expect.poll(() => held.now().requests, { timeout: 10_000 }).toBe(3 * MEBIBYTE)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(held.now().requests).toBe(3 * MEBIBYTE)
    expect((await server.push([wireOp()], 'bob')).results).toMatchObject([{ success: true }])
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => held.now().requests).toBe(0)
  })

  it('hold nothing any more once they are answered, whatever the answer', async () => {
    await start()
    await server.push([wireOp()])
    for (const body of ['{{{', JSON.stringify({ scope: { workspaceId: 'w2' }, ops: [] }), JSON.stringify({ scope, ops: Array.from({ length: 1_001 }, () => 1) }), 'x'.repeat(3 * MEBIBYTE)]) await server.post('/push', body, 'bob')
    await expect.poll(() => held.now().requests).toBe(0)
  })
})

describe('F43: one request that is much work', () => {
  it('lets others be answered in between', async () => {
    let checked = 0
    const slow = z.object({ id: z.string() }).loose().refine(() => {
      checked++
      for (const until = performance.now() + 1; performance.now() < until;) { /* busy */ }
      return true
    })
    await start({ schema: defineSyncSchema({ version: 1, tables: { todos: { schema: slow, primaryKey: 'id' } } }) as never })
    const large = server.push(Array.from({ length: 500 }, (_, index) => wireOp({ pk: `${index}` })))
    await expect.poll(() => checked, { interval: 1 }).toBeGreaterThan(0)
    await server.get('/health')
    await server.push([wireOp({ pk: 'small' })], 'bob')
    expect(checked, 'others are answered while ops are still looked at').toBeLessThan(400)
    expect((await large).results).toHaveLength(500)
  })
})

describe('F42: bytes', () => {
  it('count against an allowance a minute, those that are sent and those that are answered', async () => {
    await start({ rateLimits: { bytesIn: 2 * MEBIBYTE, bytesOut: 2 * MEBIBYTE }, backend: await filledBackend(1_800) })
    const pad = { scope, ops: [], padding: 'x'.repeat(900 * KIBIBYTE) }
    const push = (user: string) => server.post<ErrorReply>('/push', pad, user)
    expect([(await push('ada')).status, (await push('ada')).status, (await push('ada')).status]).toEqual([200, 200, 200])
    const refused = await push('ada')
    expect([refused.status, refused.body.data.code]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await server.post('/pull', { scope, cursor: 0, limit: 1 }, 'ada')).status, 'what comes in says nothing about what goes out').toBe(200)
    const pull = (user: string) => server.post<ErrorReply>('/pull', { scope, cursor: 0, limit: 2_000 }, user)
    const statuses = []
    for (let index = 0; index < 4; index++) statuses.push((await pull('bob')).status)
    expect([statuses[0], statuses[3]]).toEqual([200, 429])
  })
})

it('F36: a stream that waited for room is asked again who reads it', async () => {
  const session = { userId: 'ada', workspaces: [{ id: 'w1', role: 'viewer' as const }] }
  let isMember = true
  await start({
    memoryLimits: { perUser: MEBIBYTE, total: 64 * MEBIBYTE }, backend: await filledBackend(12_000),
    session: () => isMember ? session : { ...session, workspaces: [] },
  })
  // Takes all the room there is for Ada's streams.
  send(headOf('GET', '/subscribe?workspaceId=w1', 'ada'))
  await expect.poll(() => held.now().streams, { timeout: 10_000 }).toBeGreaterThan(0)
  await new Promise(resolve => setTimeout(resolve, 300))
  const waiting = await openStream(server, 'workspaceId=w1')
  await new Promise(resolve => setTimeout(resolve, 1_100))
  isMember = false
  for (const socket of sockets) socket.destroy()
  const events = []
  for (let event = await waiting.next(); event; event = await waiting.next()) events.push(event.event)
  expect(events.filter(event => event !== 'ping')).toEqual([])
})

it('a stream has its first event within seconds, however slow the store is', async () => {
  let answer: () => void = () => {}
  const backend = memoryBackend()
  const pull = backend.pull.bind(backend)
  backend.pull = async (request) => {
    await new Promise<void>((resolve) => { answer = resolve })
    return await pull(request)
  }
  await start({ backend })
  const stream = await openStream(server, 'workspaceId=w1')
  const startedAt = performance.now()
  expect((await stream.next())?.event).toBe('ping')
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  answer()
  expect((await stream.next())?.event).toBe('changes')
  stream.close()
})
