import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { PushResult } from 'or3-sync/client'
import { defineSyncSchema, type SyncSchema } from 'or3-sync/schema'
import { countReads } from '../../support/count-reads'
import { EngineHarness, until } from '../../support/engine-harness'
import { jsonReply, pushedOps } from '../../support/pushed-ops'
import { clockAt } from '../../support/test-clock'

const MANY = 5_000
/** An edit itself is read a few times on its way. */
const FEW = 12

const schema = defineSyncSchema({
  version: 1,
  tables: {
    todos: {
      schema: z.object({ id: z.string(), title: z.string().max(20), draft: z.boolean().optional() }),
      primaryKey: 'id', capture: (row: { draft?: boolean }) => !row.draft,
    },
  },
})

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open({ schema: schema as unknown as SyncSchema }) })
afterEach(() => world.close())

/** On its clock it is always the same time: what is put off never becomes due. */
function openDevice(user: string) {
  const now = Date.now()
  const engine = world.device(user, { schema: schema as never, environment: { clock: clockAt(() => now) } })
  const todos = engine.db.table<{ id: string, title: string, draft?: boolean }, string>('todos')
  return Object.assign(engine, { todos, reads: countReads(engine.db, ['pending_ops']) })
}
type Device = ReturnType<typeof openDevice>

const rows = (title: string, draft = false) => Array.from({ length: MANY }, (_, index) => ({ id: `old-${index}`, title, draft }))

/** The server takes what is called `new…`, and has everything else tried again later. */
function putOffTheRest(): void {
  world.intercept = async (path, init, send) => {
    const ops = path === '/push' ? pushedOps(init) : []
    if (ops.every(({ pk }) => pk.startsWith('new'))) return await send()
    const results = ops.map(({ stamp, pk }) => ({ opId: stamp.opId, success: false, errorCode: 'RATE_LIMITED' as const, error: `${pk}: later` }))
    return jsonReply({ results, serverVersion: 0 } satisfies PushResult)
  }
}

const WAITING: [string, (device: Device) => Promise<void>][] = [
  ['were refused', async ({ todos, status }) => {
    await todos.bulkPut(rows('longer than any title may be'))
    await until(() => status.get().failedCount, count => count === MANY)
  }],
  ['are held', async ({ todos, status }) => {
    await todos.bulkPut(rows('x', true))
    await until(() => status.get().pendingCount, count => count === MANY)
  }],
  ['are to be tried again in a while, written at once', async ({ todos, hooks }) => {
    putOffTheRest()
    let putOff = 0
    hooks.addAction('sync.retry:action', ({ attempt }) => { if (attempt === 1) putOff++ })
    await todos.bulkPut(rows('x'))
    await until(() => putOff, count => count === MANY)
  }],
  ['are to be tried again in a while, written one by one', async ({ db, todos, hooks }) => {
    putOffTheRest()
    let putOff = 0
    hooks.addAction('sync.retry:action', ({ attempt }) => { if (attempt === 1) putOff++ })
    // Each in an outbox record of its own, as edits made one after the other are.
    await db.transaction('rw', todos, async () => { for (const row of rows('x')) await todos.put(row) })
    await until(() => putOff, count => count === MANY)
  }],
]

/** Waits until the store has this row. */
async function untilStored(id: string): Promise<void> {
  await until(async () => (await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 2_000 })).changes.some(({ pk }) => pk === id))
}

/** Waits until nothing is under way and everything is counted: no waiting edit keeps this from being so. */
async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 300))
}

describe('F50: the cost of an edit does not depend on what else waits or was refused', () => {
  it.each(WAITING)(`an edit, its acknowledgement, its count and a foreign page read a few outbox records beside ${MANY} edits that %s`, async (_, make) => {
    const device = openDevice('ann')
    await device.start()
    await device.whenIdle()
    await make(device)
    await device.todos.put({ id: 'new-0', title: 'x' })
    await untilStored('new-0')
    await settled()
    const edit = await device.reads.during(async () => {
      await device.todos.put({ id: 'new-1', title: 'x' })
      await untilStored('new-1')
      await settled()
    })
    const bob = openDevice('bob')
    await bob.start()
    const page = await device.reads.during(async () => {
      await bob.todos.put({ id: 'new-2', title: 'x' })
      await until(() => device.todos.get('new-2'))
      await settled()
    })
    expect([edit, page].map(count => count <= FEW ? 'a few' : count)).toEqual(['a few', 'a few'])
  }, 120_000)

  it('one of many refused edits is retried, and one given up, without a look at the others', async () => {
    const device = openDevice('ann')
    await device.start()
    await WAITING[0]![1](device)
    const [first, second] = await device.queue.failed()
    await device.todos.put({ id: 'new-0', title: 'x' })
    await settled()
    const reads = await device.reads.during(async () => {
      await device.queue.discard(first!.id)
      await device.queue.retry(second!.id)
      await settled()
    })
    expect(reads).toBeLessThanOrEqual(2 * FEW)
    expect(device.status.get().failedCount).toBe(MANY - 1)
  }, 120_000)

  it('the count tells when some edits of one call are taken and the others wait on', async () => {
    const device = openDevice('ann')
    await device.start()
    await device.whenIdle()
    world.intercept = async (path, init, send) => {
      if (path !== '/push') return await send()
      world.intercept = async () => await new Promise<never>(() => {})
      const results = pushedOps(init).map(({ stamp, pk }) => pk === '0' ? { opId: stamp.opId, success: false, errorCode: 'RATE_LIMITED' as const, error: 'later' } : { opId: stamp.opId, success: true, applied: true, serverVersion: 1 })
      return jsonReply({ results, serverVersion: 1 } satisfies PushResult)
    }
    const counts: number[] = []
    device.status.subscribe(({ pendingCount }) => { if (counts.at(-1) !== pendingCount) counts.push(pendingCount) })
    await device.todos.bulkPut(Array.from({ length: 10 }, (_, index) => ({ id: `${index}`, title: 'x' })))
    await until(() => counts.at(-1) === 1)
    expect(counts.at(-1)).toBe(1)
  })

  it('all that were refused are tried again, each once', async () => {
    const device = openDevice('ann')
    await device.start()
    await device.todos.bulkPut([1, 2, 3].map(id => ({ id: `${id}`, title: 'longer than any title may be' })))
    await until(() => device.status.get().failedCount, count => count === 3)
    await device.stop()
    await device.queue.retry()
    expect((await device.queue.pending()).map(({ pk }) => pk)).toEqual(['1', '2', '3'])
  })
})
