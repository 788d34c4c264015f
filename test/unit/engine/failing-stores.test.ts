import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncError, SyncProvider } from 'or3-sync/client'
import { convexError } from '#or3-sync/core/sync/transport/convex/convex-error'
import type { PendingOp } from '#or3-sync/shared/sync/protocol/types'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { jsonReply, pushedOps } from '../../support/pushed-ops'
import { fastClock } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** What a limit of a Convex transaction, or a bug in a function, looks like in production. */
const redacted = () => convexError(new Error('[CONVEX M(sync:push)] [Request ID: 1] Server Error'))

/** A store that a test lets fail, and the sizes of the batches that it was sent. */
function failing(fails: (ops: PendingOp[]) => SyncError | false): { sizes: number[], provider: SyncProvider } {
  const gateway = world.provider('ann')
  const sizes: number[] = []
  const push: SyncProvider['push'] = async (batch, options) => {
    sizes.push(batch.ops.length)
    const error = fails(batch.ops)
    if (error) throw error
    return await gateway.push(batch, options)
  }
  return { sizes, provider: { id: 'direct', mode: 'direct', push, pull: request => gateway.pull(request), subscribe: (...args) => gateway.subscribe(...args) } }
}

/** `rows` edits written in one go while the device is online. */
async function edit(provider: SyncProvider, rows: number): Promise<TodoEngine> {
  const ann = world.device('ann', { provider, environment: { clock: fastClock(100) } })
  await ann.start()
  await ann.whenIdle()
  await ann.db.todos.bulkPut(Array.from({ length: rows }, (_, index) => ({ id: `k${String(index).padStart(2, '0')}`, title: 'fine' })))
  return ann
}

async function storedKeys(): Promise<string[]> {
  const bob = world.device('bob')
  await bob.start()
  await bob.whenIdle()
  return await bob.db.todos.orderBy('id').primaryKeys()
}

describe('a store that fails over a batch, and answers an empty push', () => {
  it('is sent smaller ones, until all of it has arrived', async () => {
    const { sizes, provider } = failing(ops => ops.length > 10 && redacted())
    const ann = await edit(provider, 30)
    await until(() => ann.queue.pending(), items => items.length === 0)
    expect(await storedKeys()).toHaveLength(30)
    expect(sizes.slice(0, 5), 'three times the same before anything is suspected').toEqual([30, 30, 30, 0, 15])
    expect(await ann.queue.failed()).toEqual([])
    await until(() => ann.status.get().error, error => error === null)
  })

  it('for one op in it holds up that op alone: it waits aside, with its reason, and the others go', async () => {
    const { provider } = failing(ops => ops.some(({ pk }) => pk === 'k13') && redacted())
    const ann = await edit(provider, 20)
    await until(() => ann.queue.pending(), items => items.length === 1 && items[0]!.errorCode !== undefined)
    expect(await ann.queue.pending()).toMatchObject([{ pk: 'k13', errorCode: 'SERVER_ERROR', error: 'the store fails over this edit: a Convex function failed' }])
    expect(await storedKeys()).toHaveLength(19)
    await ann.db.todos.put({ id: 'later', title: 'fine' })
    await until(() => ann.queue.pending(), items => items.length === 1)
    await until(() => ann.status.get(), ({ pendingCount, failedCount, error }) => pendingCount === 1 && failedCount === 0 && error === null)
  })

  it('goes on for the others after the op that waits aside was tried once more', async () => {
    const { sizes, provider } = failing(ops => ops.some(({ pk }) => pk === 'k01') && redacted())
    const ann = await edit(provider, 2)
    await until(() => ann.queue.pending(), items => items.length === 1 && items[0]!.errorCode !== undefined)
    sizes.length = 0
    await ann.flush()
    expect(sizes.slice(0, 2)).toEqual([1, 0])
    await until(() => ann.status.get(), ({ pendingCount, error }) => pendingCount === 1 && error === null)
  })

  it('is found out although an outage before has opened the breaker', async () => {
    let isOut = true
    const { sizes, provider } = failing(ops => (isOut || ops.length > 1) && redacted())
    const ann = await edit(provider, 4)
    await until(() => sizes.filter(size => size > 0).length >= 6)
    isOut = false
    await until(() => ann.queue.pending(), items => items.length === 0)
    expect(await storedKeys()).toHaveLength(4)
  })
})

describe('a store that is in trouble', () => {
  it('and fails an empty push as well costs no edit its place: none is blamed, and all go when it is back', async () => {
    let isOut = true
    const { sizes, provider } = failing(() => isOut && redacted())
    const ann = await edit(provider, 4)
    await until(() => sizes.filter(size => size === 0).length, count => count >= 2)
    expect(new Set(sizes)).toEqual(new Set([4, 0]))
    expect((await ann.queue.pending()).filter(({ errorCode }) => errorCode !== undefined)).toEqual([])
    isOut = false
    await until(() => ann.queue.pending(), items => items.length === 0)
  })

  it('while an op is being looked for ends the search', async () => {
    let [isOut, wasOut] = [false, false]
    const { sizes, provider } = failing((ops) => {
      if (ops.length === 15 && !wasOut) isOut = wasOut = true
      return (isOut || ops.length > 10) && redacted()
    })
    const ann = await edit(provider, 30)
    await until(() => sizes.includes(15))
    await until(() => sizes.slice(sizes.indexOf(15)), sent => sent.filter(size => size === 30).length >= 1)
    isOut = false
    await until(() => ann.queue.pending(), items => items.length === 0)
    expect(sizes.filter(size => size === 1), 'nothing was cut down to one op').toEqual([])
  })

  it('and says when to come back is believed: a full disk, which answers an empty push, sets no edit aside', async () => {
    const sizes: number[] = []
    let isFull = true
    world.intercept = async (path, init, send) => {
      if (path !== '/push' || !isFull) return await send()
      sizes.push(pushedOps(init).length)
      return sizes.at(-1) === 0 ? await send() : jsonReply({ data: { code: 'SERVER_ERROR', message: 'the store does not answer at the moment' } }, 503, { 'retry-after': '1' })
    }
    const ann = await edit(world.provider('ann'), 4)
    await until(() => sizes.length, count => count >= 6)
    expect(new Set(sizes)).toEqual(new Set([4]))
    isFull = false
    await until(() => ann.queue.pending(), items => items.length === 0)
  })
})
