import { afterEach, describe, expect, it } from 'vitest'
import { memoryBackend, sqliteBackend } from 'or3-sync/server'
import type { PushedInfo } from '../../../server/lib/context/gateway-options'
import type { PullResponse, PushResult } from '#or3-sync/shared/sync/protocol/types'
import { acceptedOp, NOW, wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

const MIB = 1024 * 1024
let server: TestGateway
afterEach(() => server.stop())

/** A push of 1,000 ops whose body has exactly so many bytes. */
function bodyOf(bytes: number): string {
  const ops = Array.from({ length: 1_000 }, (_, index) => wireOp({ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(600) } }))
  const body = JSON.stringify({ scope: { workspaceId: 'w1' }, ops })
  return body.replace('{', `{"filler":"${'.'.repeat(bytes - body.length - 12)}",`)
}

describe('the largest push of all: 1,000 ops in 1 MiB', () => {
  it('is one transaction of SQLite, and readers see nothing or all of it', async () => {
    const pushed: PushedInfo[] = []
    const backend = sqliteBackend({ path: ':memory:' })
    server = await startTestGateway({ backend, onPushed: (_, info) => { pushed.push(info) } })
    let wakes = 0
    backend.watch('w1', () => wakes++)
    const stream = await openStream(server, 'workspaceId=w1')
    await stream.next()
    const body = bodyOf(MIB)
    expect(Buffer.byteLength(body)).toBe(MIB)
    const pushing = server.post<PushResult>('/push', body)
    const looks: Promise<PullResponse>[] = []
    for (let look = 0; look < 10; look++) {
      looks.push(server.pull({ limit: 1 }, 'bob'))
      await new Promise(resolve => setTimeout(resolve, 3))
    }
    expect(await pushing).toMatchObject({ status: 200, body: { serverVersion: 1_000 } })
    expect((await pushing).body.results.every(({ applied }) => applied)).toBe(true)
    const versions = new Set((await Promise.all(looks)).map(({ latestVersion }) => latestVersion))
    expect([0, 1_000], 'versions that were seen meanwhile').toEqual(expect.arrayContaining([...versions]))
    expect([wakes, pushed.map(({ applied }) => applied)]).toEqual([1, [1_000]])
    const pages = [(await stream.next())!.data, (await stream.next())!.data]
    expect(pages.map(({ hasMore, latestVersion }) => [hasMore, latestVersion]), 'larger than a page of a stream').toEqual([[true, 1_000], [false, 1_000]])
    expect(pages.flatMap(({ changes }) => changes)).toHaveLength(1_000)
    stream.close()
  })

  it('is refused as a whole with one byte more', async () => {
    const backend = memoryBackend()
    server = await startTestGateway({ backend })
    expect(await server.post<ErrorReply>('/push', bodyOf(MIB + 1))).toMatchObject({ status: 413, body: { data: { code: 'OVERSIZED', message: 'a request has at most 1048576 bytes; send fewer ops' } } })
    expect(await backend.latestVersion('w1')).toBe(0)
  })

  it('counts as one request, and with all its bytes; the next finds out when to come back', async () => {
    server = await startTestGateway({ rateLimits: { push: 100, bytesIn: 2 * MIB } })
    const push = () => server.post<ErrorReply>('/push', bodyOf(MIB))
    expect((await push()).headers.get('ratelimit-remaining')).toBe('99')
    expect((await push()).status).toBe(200)
    const refused = await push()
    expect([refused.status, refused.body.data.code]).toEqual([429, 'RATE_LIMITED'])
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(60)
    expect((await server.post('/push', { scope: { workspaceId: 'w1' }, ops: [] }, 'bob')).status, 'others are not held up').toBe(200)
  })
})

it('of a batch for which the disk has no room, nothing is stored', async () => {
  const backend = sqliteBackend({ path: ':memory:', maxBytes: 400_000 })
  server = await startTestGateway({ backend })
  await server.push([wireOp({ pk: 'before' })])
  const items = Array.from({ length: 1_000 }, (_, index) => acceptedOp({ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(1_000) } }))
  await expect(backend.push({ workspaceId: 'w1', userId: 'ada', items, now: NOW })).rejects.toThrow()
  expect(await server.pull()).toMatchObject({ changes: [{ pk: 'before' }], hasMore: false, latestVersion: 1 })
  expect(await backend.push({ workspaceId: 'w1', userId: 'ada', items: items.slice(0, 10), now: NOW }), 'a small one has room').toMatchObject({ applied: 10, serverVersion: 11 })
})
