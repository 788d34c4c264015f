import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine } from 'or3-sync/client'
import { pushLimit } from '#or3-sync/core/sync/push/push-limit'
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

  it.each([[undefined, 500], [100, 100], [10_000, 500], [0, 1], [-1, 1], [Number.NaN, 1], [2.5, 2]])('that says %s gets %d', (maxOps, expected) => {
    expect(pushLimit({ maxOps })).toBe(expected)
  })
})
