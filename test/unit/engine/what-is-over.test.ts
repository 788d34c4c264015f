import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncProvider } from 'or3-sync/client'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness, until } from '../../support/engine-harness'
import { asSchema, deviceOf, reloadedWith, started } from '../../support/schema-versions'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())
const cannot = () => { throw new Error('cannot') }

describe('C3: a table that is dropped with an unsent edit', () => {
  const table = { schema: z.object({ id: z.string() }), primaryKey: 'id' }
  const versions = [{ a: table, b: table }, { a: table }, { a: table, b: table }].map((tables, index) => defineSyncSchema({ version: index + 1, tables: tables as never }))

  it('keeps nobody waiting, and is waited for again once the table is back', async () => {
    await world.close()
    world = await EngineHarness.open({ schema: asSchema(versions[2]) })
    const old = deviceOf(world, 'ann', versions[0])
    await old.db.table('b').put({ id: '1' })
    const without = await started(await reloadedWith(world, old, 'ann', versions[1]))
    expect(without.status.get()).toMatchObject({ state: 'idle', pendingCount: 1 })
    const back = await started(await reloadedWith(world, without, 'ann', versions[2]))
    expect(back.status.get()).toMatchObject({ state: 'idle', pendingCount: 0 })
  })
})

describe('C4: rescans that the user asks for', () => {
  it('are all done, however many, and none is called an error', async () => {
    const ann = await started(world.device('ann'))
    const told: string[] = []
    ann.hooks.addAction('sync.pull:action:error', ({ error }) => { told.push(error.message) })
    ann.hooks.addAction('sync.rescan:action:completed', () => { told.push('completed') })
    for (let n = 1; n <= 5; n++) {
      await ann.rescan()
      await until(() => told.length, count => count >= n)
      await until(() => ann.status.get().state, state => state === 'idle')
    }
    expect(told).toEqual(Array.from({ length: 5 }, () => 'completed'))
  })
})

describe('C9: a provider that throws when it is let go', () => {
  const provider = (subscribe: SyncProvider['subscribe']): SyncProvider => ({
    id: 'custom', mode: 'direct', subscribe, dispose: cannot,
    push: async () => ({ results: [], serverVersion: 0 }),
    pull: async () => ({ changes: [], nextCursor: 0, hasMore: false }),
  })

  it.each<[string, SyncProvider['subscribe']]>([['disposed of', async () => () => {}], ['unsubscribed', async () => cannot]])('%s: engine and database are closed all the same', async (_, subscribe) => {
    const ann = await started(world.device('ann', { provider: provider(subscribe) }))
    await ann.close()
    expect([ann.isRunning(), ann.db.isOpen(), ann.status.get().isLeader]).toEqual([false, false, false])
  })

  it('goes on after a subscription that it could not end', async () => {
    let subscribed = 0
    const ann = await started(world.device('ann', {
      provider: provider(async () => {
        subscribed++
        return cannot
      }),
    }))
    const errors: string[] = []
    ann.hooks.addAction('sync.pull:action:error', ({ error }) => { errors.push(error.message) })
    await ann.rescan()
    await until(() => subscribed, count => count === 2)
    await until(() => ann.status.get().state, state => state === 'idle')
    expect(errors).toEqual([])
  })

  it('is reported where its clean-up returns a promise that rejects', async () => {
    const warnings: string[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (message: string) => { warnings.push(message) } }
    const cleanUp = (() => Promise.reject(new Error('cannot'))) as () => void
    const ann = await started(world.device('ann', { provider: provider(async () => cleanUp), environment: { log } }))
    await ann.stop()
    await until(() => warnings, list => list.includes('The provider could not end its subscription'))
  })
})
