import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import { prometheusMetrics } from '../../../server/lib/observe/prometheus-metrics'
import { SeededRandom } from '../../../src/testing/simulation/seeded-random'
import { hostileRequest } from './support/fuzz/hostile-request'
import { sendRaw } from './support/fuzz/send-raw'
import type { RawReply } from './support/fuzz/send-raw'
import { wireOp } from './support/make-op'
import { startTestGateway } from './support/test-gateway'

// `npm run fuzz` sets both.
const REQUESTS = Number(process.env.OR3_FUZZ_REQUESTS ?? 2_000)
const SEED = Number(process.env.OR3_FUZZ_SEED ?? 1)
/** Side by side: many requests end only when the server has waited long enough. */
const LANES = 4
/** Of the whole process, which is client and server at once, in bytes. A kilobyte kept of each of 20,000 requests would show. */
const HEAP_GROWTH_MAX = 8 * 1024 * 1024
/** Stack frames, files, SQL and the store's own words. */
const INSIDE = /\bat [\w.<>]+ \(|node_modules|node:internal|\.[cm]?[jt]s:\d|SQLITE_|constraint failed|\bFROM records\b|TypeError|RangeError|ReferenceError/

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A gateway with a store of its own: what changes there was changed by the one request under way. */
async function openLane(folder: string, name: string) {
  const path = join(folder, `${name}.sqlite`)
  const server = await startTestGateway({
    backend: sqliteBackend({ path }),
    rateLimits: { push: Infinity, pull: Infinity, cursor: Infinity },
    bodyTimeoutMs: 100,
    metrics: await prometheusMetrics(),
    metricsToken: 'scraper',
  })
  await server.push([wireOp({ pk: 'a' })])
  await server.push([wireOp({ pk: 'a' })], 'eve', 'w2')
  const observer = new DatabaseSync(path, { readOnly: true })
  const version = observer.prepare('PRAGMA data_version')
  return {
    server,
    port: Number(new URL(server.origin).port),
    /** Another number whenever another connection has committed a change. */
    dataVersion: () => Number(version.get()?.data_version),
    async close() {
      observer.close()
      await server.stop()
    },
  }
}

describe(`${REQUESTS} hostile requests over sockets, seed ${SEED}`, () => {
  let folder: string
  let lanes: Awaited<ReturnType<typeof openLane>>[]
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'or3-fuzz-'))
    lanes = await Promise.all(Array.from({ length: LANES }, (_, index) => openLane(folder, `lane-${index}`)))
  })
  afterAll(async () => {
    await Promise.all(lanes.map(lane => lane.close()))
    rmSync(folder, { recursive: true, force: true })
  })

  it('answer no 5xx, change nothing when refused, tell nothing of the inside, and keep no memory', async () => {
    const random = new SeededRandom(SEED)
    const seeds = lanes.map(() => random.fork())
    const statuses: Record<string, number> = {}
    const run = (requests: number) => Promise.all(lanes.map(async ({ port, dataVersion }, lane) => {
      for (let index = 0; index < requests / LANES; index++) {
        const bytes = hostileRequest(seeds[lane]!)
        const before = dataVersion()
        const reply = await sendRaw(port, bytes)
        const problem = problemOf(reply, before !== dataVersion())
        if (problem) throw new Error(`seed ${SEED}: ${problem}\n${reply.head}\n${reply.body.slice(0, 2_000)}\n--- sent ---\n${bytes.toString('latin1').slice(0, 4_000)}`)
        statuses[reply.status ?? 'cut off'] = (statuses[reply.status ?? 'cut off'] ?? 0) + 1
      }
    }))
    await run(REQUESTS / 4)
    const before = heapNow()
    await run(REQUESTS * 3 / 4)
    const growth = heapNow() - before
    process.stdout.write(`seed ${SEED}: ${JSON.stringify(statuses)}; heap ${Math.round(growth / 1024)} KiB over the last three quarters\n`)
    expect(growth).toBeLessThan(HEAP_GROWTH_MAX)
    // Hostile, but not all of it: what never reaches the store would prove little.
    expect(statuses[200]).toBeGreaterThan(REQUESTS / 20)
    expect(statuses[400]).toBeGreaterThan(REQUESTS / 20)
    for (const { server } of lanes) {
      expect(server.log).toEqual([])
      await expect.poll(() => server.gateway.feeds.streams).toBe(0)
      expect((await server.push([wireOp({ pk: 'still here', clock: 99 })])).results[0]).toMatchObject({ applied: true })
    }
  }, 20 * 60_000)
})

function heapNow(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

function problemOf({ status, head, body, text }: RawReply, changed: boolean): string | null {
  if (/^HTTP\/1\.1 5/m.test(text)) return 'answered 5xx'
  if (INSIDE.test(text)) return 'told something of the inside'
  if (changed && !mayChange(text)) return `answered ${status}, and changed the store`
  // Paths outside the gateway are answered by the host.
  const isOurs = head.includes('x-content-type-options: nosniff')
  if (status !== null && status >= 400 && isOurs && body !== '') {
    const { data } = JSON.parse(body) as { data?: { code?: unknown, message?: unknown } }
    if (typeof data?.code !== 'string' || typeof data.message !== 'string') return 'refused without a code'
  }
  return null
}

/** Only an op that was taken, or a device's cursor, may be written. */
function mayChange(text: string): boolean {
  return text.includes('HTTP/1.1 200') && (text.includes('"success":true') || text.includes('{"ok":true}'))
}
