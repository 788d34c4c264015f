import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncBackend } from '../../server/lib/backends/backend'
import { sqliteBackend } from '../../server/lib/backends/sqlite/sqlite'
import { findRows } from '../../server/lib/service/find-rows'
import { acceptedOp, NOW } from '../../src/testing/contract/make-op'
import { percentile } from '../statistics'

const SCOPE = { workspaceId: 'w', userId: 'ada' }
const message = z.object({ id: z.string(), thread_id: z.string(), index: z.number(), role: z.string(), created_at: z.date(), content: z.string() })
const schemaWith = (...indexes: string[]) => defineSyncSchema({ version: 1, tables: { messages: { schema: message, primaryKey: 'id', indexes } } })
const FOUR = ['thread_id', 'created_at', '[thread_id+index]', 'role']
const PER_THREAD = 50
const PUSHED = 20_000

export interface Measured { name: string, value: number }

/** What a row costs in pushes of 500 and of one, with 0, 2 and 4 declared indexes: microseconds of this process, which do not depend on what else the machine does. */
export async function measurePushes(): Promise<Measured[]> {
  const found: Measured[] = []
  for (const indexes of [[], FOUR.slice(0, 2), FOUR]) {
    await withStore(async (backend) => {
      await backend.prepare!({ schema: schemaWith(...indexes), mayTakeLong: true })
      const costOf = async (what: string, ops: readonly ReturnType<typeof messageOp>[], size: number) => {
        const startedAt = process.cpuUsage()
        for (let from = 0; from < ops.length; from += size) await backend.push({ ...SCOPE, items: ops.slice(from, from + size), now: NOW })
        const { user, system } = process.cpuUsage(startedAt)
        found.push({ name: `${indexes.length} indexes, ${what}, microseconds a row`, value: (user + system) / ops.length })
      }
      await costOf('new rows in pushes of 500', messageOps(0, PUSHED), 500)
      await costOf('edited rows in pushes of 500', messageOps(0, PUSHED, 2), 500)
      await costOf('pushes of one row', messageOps(PUSHED, 300), 1)
    })
  }
  return found
}

/** Medians in milliseconds, and the worst, of queries beside `rows` messages; and what making four indexes takes. */
export async function measureQueries(rows: number): Promise<{ name: string, value: string }[]> {
  const found: { name: string, value: string }[] = []
  const schema = schemaWith(...FOUR)
  await withStore(async (backend) => {
    for (let from = 0; from < rows; from += 1_000) await backend.push({ ...SCOPE, items: messageOps(from, Math.min(1_000, rows - from)), now: NOW })
    const ask = async (name: string, plan: (run: number) => Partial<QueryPlan>, runs = 50) => found.push({ name, value: await timesOf(async (run) => {
      await findRows({ backend, schema }, { ...SCOPE, plan: { table: 'messages', index: null, range: null, isReversed: false, offset: 0, limit: null, result: 'rows', ...plan(run) } })
    }, runs) })
    const thread = (run: number): Partial<QueryPlan> => ({ index: 'thread_id', range: { kind: 'equals', value: `thread-${run}` }, isReversed: true, limit: PER_THREAD })
    await ask(`${rows} rows, no index: a thread`, thread, 10)
    found.push({ name: 'making four indexes', value: await whilePushing(backend, () => backend.prepare!({ schema, mayTakeLong: true })) })
    await ask(`${rows} rows, index: a thread of ${PER_THREAD}`, thread)
    await ask(`${rows} rows, index: the newest 50`, () => ({ index: 'created_at', isReversed: true, limit: 50 }))
    await ask(`${rows} rows, index: a count of 9,000`, () => ({ index: 'created_at', range: { kind: 'below', value: new Date(NOW + 9_000), isInclusive: false }, result: 'count' }), 10)
    await ask(`${rows} rows: one row by its key`, run => ({ range: { kind: 'equals', value: `m${run}` }, result: 'row' }))
  })
  await withStore(async (backend) => {
    for (let from = 0; from < 10_000; from += 1_000) await backend.push({ ...SCOPE, items: messageOps(from, 1_000), now: NOW })
    found.push({ name: '10000 rows, no index: a thread', value: await timesOf(async (run) => {
      await findRows({ backend, schema }, { ...SCOPE, plan: { table: 'messages', index: 'thread_id', range: { kind: 'equals', value: `thread-${run}` }, isReversed: true, offset: 0, limit: PER_THREAD, result: 'rows' } })
    }, 10) })
  })
  return found
}

function messageOp(index: number, clock: number) {
  const payload = { id: `m${index}`, thread_id: `thread-${Math.floor(index / PER_THREAD)}`, index, role: index % 2 ? 'user' : 'bot', created_at: { $date: NOW + index }, content: 'lorem ipsum dolor '.repeat(25) }
  return acceptedOp({ table: 'messages', pk: payload.id, clock, payload })
}

function messageOps(from: number, count: number, clock = 1): ReturnType<typeof messageOp>[] {
  return Array.from({ length: count }, (_, index) => messageOp(from + index, clock))
}

async function withStore(work: (backend: SyncBackend) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'or3-bench-queries-'))
  const backend = sqliteBackend({ path: join(folder, 'store.sqlite') })
  try { await work(backend) }
  finally {
    await backend.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function timesOf(work: (run: number) => Promise<void>, runs: number): Promise<string> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now()
    try { await work(run) }
    catch (error) {
      if (error instanceof SyncError && error.code === 'OVERSIZED') return 'refused, because it would read too much'
      throw error
    }
    times.push(performance.now() - startedAt)
  }
  return `${percentile(times, 0.5).toFixed(1)} ms, worst ${Math.max(...times).toFixed(1)} ms`
}

/** Pushes a row every 20 ms while `work` runs. @returns how long it took, and what others had to wait for */
async function whilePushing(backend: SyncBackend, work: () => Promise<void>): Promise<string> {
  let [isOver, slowest, held, last] = [false, 0, 0, performance.now()]
  const timer = setInterval(() => {
    held = Math.max(held, performance.now() - last)
    last = performance.now()
  }, 1)
  const pushing = (async () => {
    for (let index = 0; !isOver; index++) {
      const startedAt = performance.now()
      await backend.push({ ...SCOPE, workspaceId: 'other', items: messageOps(index, 1), now: NOW })
      slowest = Math.max(slowest, performance.now() - startedAt)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  })()
  const startedAt = performance.now()
  await work()
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  isOver = true
  await pushing
  clearInterval(timer)
  return `${seconds} s; slowest push meanwhile ${slowest.toFixed(0)} ms; event loop held up for ${held.toFixed(0)} ms`
}
