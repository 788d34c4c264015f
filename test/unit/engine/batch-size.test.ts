import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BatchSize } from '#or3-sync/core/sync/push/batch-size'
import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'
import { EngineHarness } from '../../support/engine-harness'
import { jsonReply, pushedOps } from '../../support/pushed-ops'
import type { todoSchema } from '../../support/todo-schema'

/** Sends `ops` through a store that takes at most `limit` at once. @returns how many requests it took, and how many were wasted. */
function send(size: BatchSize, ops: number, limit: number): { requests: number, wasted: number } {
  const counts = { requests: 0, wasted: 0 }
  for (let left = ops; left > 0;) {
    counts.requests++
    const count = Math.min(left, size.max)
    if (count > limit) {
      counts.wasted++
      size.tooLarge(count)
      continue
    }
    left -= count
    size.passed(count, left > 0)
  }
  return counts
}

describe('the size of batches', () => {
  it('F35: settles at what passes: hardly a request is wasted after that', () => {
    const size = new BatchSize()
    expect(send(size, 500, 100)).toEqual({ requests: 12, wasted: 3 })
    const { requests, wasted } = send(size, 100_000, 100)
    expect(wasted / requests).toBeLessThan(0.01)
    expect(requests).toBeLessThan(1_300)
  })

  it('F35: wastes few requests, whatever the limit, and comes to use at least half of it', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 600 }), (limit) => {
      const size = new BatchSize()
      send(size, 2_000, limit)
      const { requests, wasted } = send(size, 200 * limit, limit)
      expect(wasted).toBeLessThanOrEqual(6)
      expect(requests).toBeLessThanOrEqual(2 * 200 + 10)
    }))
  })

  it('grows again where the limit is gone', () => {
    const size = new BatchSize()
    send(size, 500, 10)
    send(size, 200_000, Infinity)
    expect(size.max).toBe(500)
  })

  it('is what it was once a single op was found that no request can carry', () => {
    const size = new BatchSize()
    for (let count = 500; count > 1; count = size.max) size.tooLarge(count)
    size.found()
    expect(size.max).toBe(500)
  })

  it('finds every op that is refused for what it is, and spares the others', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(299), { maxLength: 10 }), (bad) => {
      const size = new BatchSize()
      const [found, passed]: [number[], number[]] = [[], []]
      let requests = 0
      for (let queue = Array.from({ length: 300 }, (_, index) => index); queue.length; requests++) {
        const batch = queue.slice(0, size.max)
        if (!batch.some(op => bad.includes(op))) {
          passed.push(...batch)
          queue = queue.slice(batch.length)
          size.passed(batch.length, queue.length > 0)
        }
        else if (batch.length > 1) size.suspect(batch.length)
        else {
          found.push(batch[0]!)
          queue = queue.slice(1)
          size.found()
        }
      }
      expect([found.sort((a, b) => a - b), passed.length]).toEqual([bad.sort((a, b) => a - b), 300 - bad.length])
      expect(requests).toBeLessThanOrEqual(2 + bad.length * 20)
      expect(size.max).toBe(500)
    }))
  })
})

describe('a store that takes at most 100 ops', () => {
  let world: EngineHarness
  beforeEach(async () => { world = await EngineHarness.open() })
  afterEach(() => world.close())

  it('F35: says so three times, and no more, to a device with 1,500 edits', async () => {
    const ann = world.device()
    await ann.db.todos.bulkPut(Array.from({ length: 1_500 }, (_, index) => ({ id: `k${index}`, title: 'x' })))
    const sizes: number[] = []
    world.intercept = async (path, init, send) => {
      if (path !== '/push') return await send()
      sizes.push(pushedOps(init).length)
      return sizes.at(-1)! > 100 ? jsonReply({ data: { code: 'OVERSIZED', message: 'too large' } }, 413) : await send()
    }
    await ann.start()
    await ann.whenIdle()
    expect(sizes.filter(count => count > 100)).toEqual([500, 250, 125])
    expect(ann.status.get()).toMatchObject({ pendingCount: 0, failedCount: 0 })
  })
})

describe('edits that are held', () => {
  let world: EngineHarness
  beforeEach(async () => { world = await EngineHarness.open() })
  afterEach(() => world.close())

  it('F35: hold up nothing behind them, however small batches are', async () => {
    const schema = defineSyncSchema({
      version: 1, tables: { todos: { schema: z.object({ id: z.string(), title: z.string(), list_id: z.string().optional() }), primaryKey: 'id', capture: row => row.title !== 'draft' } },
    })
    const ann = world.device('ann', { schema: schema as unknown as typeof todoSchema })
    await ann.db.todos.bulkPut(Array.from({ length: 600 }, (_, index) => ({ id: `d${String(index).padStart(3, '0')}`, title: 'draft' })))
    await ann.db.todos.bulkPut([{ id: 'x', title: 'ready' }, { id: 'y', title: 'ready' }])
    let refusals = 0
    world.intercept = async (path, init, send) => path === '/push' && pushedOps(init).length > 1 && ++refusals ? jsonReply({ data: { code: 'OVERSIZED', message: 'too large' } }, 413) : await send()
    await ann.start()
    await ann.whenIdle()
    expect([ann.status.get().pendingCount, refusals]).toEqual([600, 1])
  })
})
