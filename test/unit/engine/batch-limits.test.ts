import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine } from 'or3-sync/client'
import { arePushLimits, batchLimits } from '#or3-sync/core/sync/push/batch-limits'
import { EngineHarness } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

describe('a provider that says how many ops a push takes', () => {
  let world: EngineHarness
  let sizes: number[]
  let engine: ReturnType<typeof open>

  const open = (maxOps: number) => {
    const provider = world.provider('ann')
    const push = provider.push.bind(provider)
    return createSyncEngine({
      schema: todoSchema, session: { userId: 'ann', workspaceId: 'w1' }, indexedDB: new IDBFactory(), IDBKeyRange,
      environment: { channel: () => null, locks: null },
      provider: Object.assign(provider, {
        maxOps,
        push: async (batch: Parameters<typeof push>[0]) => {
          sizes.push(batch.ops.length)
          return await push(batch)
        },
      }),
    })
  }
  const todos = (count: number) => Array.from({ length: count }, (_, index) => ({ id: String(index), title: 'a title' }))

  beforeEach(async () => {
    world = await EngineHarness.open()
    sizes = []
    engine = open(3)
  })
  afterEach(async () => {
    await engine.close()
    await world.close()
  })

  it('gets no larger batch from the outbox', async () => {
    await engine.db.todos.bulkPut(todos(7))
    await engine.start()
    await engine.whenIdle()
    expect(sizes).toEqual([3, 3, 1])
  })

  it('gets no larger batch of edits that were just made, either', async () => {
    await engine.start()
    await engine.whenIdle()
    await engine.db.todos.bulkPut(todos(3))
    await engine.whenIdle()
    await engine.db.todos.bulkPut(todos(8))
    await engine.whenIdle()
    expect(sizes).toEqual([3, 3, 3, 2])
  })

  it.each([[undefined, 500, 1_000], [100, 100, 100], [10_000, 500, 1_000], [0, 1, 1], [-1, 1, 1], [Number.NaN, 1, 1], [2.5, 2, 2]])('that says %s gets %d, or %d of one group', (maxOps, target, most) => {
    const limits = batchLimits({ provider: { maxOps }, told: undefined, maxOps: 500 })
    expect([limits.target.ops, limits.most.ops]).toEqual([target, most])
  })

  it('that tells its limits gets groups up to them', () => {
    const told = { ops: 700, bytes: 300_000, replacedBytes: 1 }
    expect(batchLimits({ provider: {}, told, maxOps: 500 })).toMatchObject({ target: { ops: 500 }, most: { ops: 700, bytes: 300_000 } })
    expect(batchLimits({ provider: { batchOps: 100 }, told, maxOps: 500 })).toMatchObject({ target: { ops: 100 }, most: { ops: 700 } })
  })

  it.each([undefined, null, {}, { ops: 0, bytes: 10 }, { ops: '5', bytes: 10 }, { ops: Number.NaN, bytes: 10 }])('that tells %j as its limits tells none', (told) => {
    expect(arePushLimits(told as never)).toBe(false)
  })
})
