import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import { watchHeldBytes } from './support/held-bytes'
import { wireOp } from './support/make-op'
import { headOf, openSocket } from './support/raw-requests'
import { startTestGateway } from './support/test-gateway'
import type { TestGateway } from './support/test-gateway'

const STREAMS = 5_000
const LANES = 25
/** Of the whole process, which is client and server at once, in bytes: a kilobyte kept of each stream would show. */
const GROWTH_MAX = 3 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let server: TestGateway
const held = watchHeldBytes()
beforeAll(async () => {
  server = await startTestGateway({ backend: sqliteBackend({ path: ':memory:' }), metrics: held.metrics, rateLimits: { push: Infinity, pull: Infinity, bytesOut: Infinity } })
})
afterAll(() => server.stop())

/** Opens streams one after the other, packed and plain, and goes away when the first page has come. */
async function openAndClose(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const encoding = index % 2 ? ['accept-encoding: gzip'] : []
    const { socket } = openSocket(server.origin)
    socket.write(headOf('GET', `/subscribe?workspaceId=w1&cursor=${index % 3}`, 'ada', ...encoding))
    socket.resume()
    await once(socket, 'data')
    if (index % 50 === 0) await server.push([wireOp({ pk: `row-${index % 7}`, clock: index + 2 })], 'bob')
    socket.destroy()
  }
}

async function heapAfter(streams: number): Promise<number> {
  await Promise.all(Array.from({ length: LANES }, () => openAndClose(streams / LANES)))
  await expect.poll(() => server.gateway.feeds.streams, { timeout: 10_000 }).toBe(0)
  // Pages stay in the cache for a moment.
  await expect.poll(() => held.now(), { timeout: 10_000 }).toEqual({ requests: 0, streams: 0 })
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

it(`holds nothing of ${STREAMS} streams that were opened and closed`, async () => {
  const before = await heapAfter(STREAMS / 5)
  const after = await heapAfter(STREAMS)
  expect(after - before).toBeLessThan(GROWTH_MAX)
}, 300_000)
