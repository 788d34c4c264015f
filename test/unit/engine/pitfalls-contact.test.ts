import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine, type PullRequest, type SyncProvider } from 'or3-sync/client'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { clockAt, fastClock, stoppedClock } from '../../support/test-clock'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const HOUR = 60 * 60_000
const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `k${index}`, title: 'x' }))

async function online(device: TodoEngine): Promise<TodoEngine> {
  await device.start()
  await device.whenIdle()
  return device
}

async function filledBy(count: number): Promise<TodoEngine> {
  const ann = await online(world.device('ann'))
  await ann.db.todos.bulkPut(rows(count))
  await ann.whenIdle()
  return ann
}

describe('a bootstrap', () => {
  it('pitfall 22: is not complete when the way to the store breaks in the middle, breaker and all', async () => {
    await filledBy(600)
    let pulls = 0
    world.intercept = async (path, _, send) => {
      // The first page arrives; then enough failures to open the circuit breaker.
      if (path === '/pull' && ++pulls > 1 && pulls < 9) throw new TypeError('gone')
      return await send()
    }
    const bob = world.device('bob', { environment: { clock: fastClock(500) } })
    const completed: number[] = []
    bob.hooks.addAction('sync.bootstrap:action:complete', ({ totalPulled }) => { completed.push(totalPulled) })
    await bob.start()
    await until(() => completed.length)
    expect([completed, await bob.db.todos.count()]).toEqual([[600], 600])
  })

  it('pitfall 23: fetches larger pages as it goes', async () => {
    await filledBy(1_000)
    let pulls = 0
    world.intercept = async (path, init, send) => {
      if (path === '/pull' && (JSON.parse(String(init?.body)) as PullRequest).bootstrap) pulls++
      return await send()
    }
    const now = Date.now()
    const bob = await online(world.device('bob', { environment: { clock: clockAt(() => now) } }))
    expect(await bob.db.todos.count()).toBe(1_000)
    expect(pulls).toBeLessThan(5)
  })
})

describe('the way to the store', () => {
  it('pitfall 24: is tried again after 20 failures, for ever; the app is told once', async () => {
    let pulls = 0
    const provider: SyncProvider = {
      id: 'slow to come', mode: 'direct',
      subscribe: async () => () => {},
      push: async () => ({ results: [], serverVersion: 0 }),
      pull: async () => {
        if (++pulls <= 25) throw new TypeError('no way')
        return { changes: [], nextCursor: 0, hasMore: false, latestVersion: 0 }
      },
    }
    const device = createSyncEngine({
      schema: todoSchema, session: { userId: 'ann', workspaceId: 'w1' }, provider, indexedDB: new IDBFactory(), IDBKeyRange,
      environment: { channel: () => null, locks: null, clock: fastClock(5_000) },
    })
    const told: number[] = []
    device.hooks.addAction('sync.subscription:action:maxRetriesExceeded', ({ attempts }) => { told.push(attempts) })
    await device.start()
    await until(() => device.status.get().firstSyncDone)
    await device.close()
    expect([told, pulls]).toEqual([[20], expect.any(Number)])
  })

  it('pitfall 24: is tried at once when the page comes online or into view', async () => {
    const ann = await filledBy(1)
    let wake = () => {}
    const bob = world.device('bob', { environment: { clock: stoppedClock(), onWake: (callback) => { wake = callback; return () => {} } } })
    const failed = { pulls: 0, pushes: 0 }
    bob.hooks.addAction('sync.pull:action:error', () => { failed.pulls++ })
    bob.hooks.addAction('sync.push:action:after', () => { failed.pushes++ })
    world.offline = true
    await bob.start()
    await bob.db.todos.put({ id: 'mine', title: 'written offline' })
    await until(() => failed.pulls && failed.pushes)
    world.offline = false
    wake()
    await until(() => bob.db.todos.get('k0'))
    await until(() => ann.db.todos.get('mine'))
  })
})

describe('a page that is hidden or left', () => {
  it('sends what waits for its next try, once', async () => {
    let hide = () => {}
    const bob = world.device('bob', { environment: { clock: stoppedClock(), onHide: (callback) => { hide = callback; return () => {} } } })
    await bob.start()
    await until(() => bob.status.get().state === 'idle')
    let isAway = true
    let pushes = 0
    world.intercept = async (path, _, send) => {
      if (path === '/push' && ++pushes && isAway) return new Response('{}', { status: 503 })
      return await send()
    }
    await bob.db.todos.put({ id: 'mine', title: 'x' })
    await until(() => pushes === 1 && bob.status.get().error)
    hide()
    await until(() => pushes === 2)
    isAway = false
    hide()
    await until(() => bob.queue.pending(), pending => pending.length === 0)
    expect(pushes).toBe(3)
  })
})

describe('a change', () => {
  it('pitfall 25: that arrives live is applied once and is no conflict', async () => {
    const ann = await online(world.device('ann'))
    const bob = await online(world.device('bob'))
    const seen = { applied: 0, conflicts: 0 }
    bob.hooks.addAction('sync.pull:action:applied', ({ applied }) => { seen.applied += applied })
    bob.hooks.addAction('sync.conflict:action:detected', () => { seen.conflicts++ })
    await ann.db.todos.bulkPut(rows(5))
    await until(() => bob.db.todos.count(), count => count === 5)
    await bob.whenIdle()
    expect(seen).toEqual({ applied: 5, conflicts: 0 })
  })

  it('pitfall 25: that is here already is not applied again', async () => {
    const before = await filledBy(5)
    await before.close()
    // After a reload nobody remembers what was pushed.
    const again = await online(world.device('ann', { indexedDB: before.indexedDB }))
    const seen = { applied: 0, conflicts: 0 }
    let completed = false
    again.hooks.addAction('sync.pull:action:applied', ({ applied }) => { seen.applied += applied })
    again.hooks.addAction('sync.conflict:action:detected', () => { seen.conflicts++ })
    again.hooks.addAction('sync.rescan:action:completed', () => { completed = true })
    await again.rescan()
    await until(() => completed)
    expect(seen).toEqual({ applied: 0, conflicts: 0 })
  })
})

describe('expiry', () => {
  it('pitfall 26: counts from the last contact: a quiet workspace is not rescanned, a device that was away is', async () => {
    let now = Date.now()
    await world.close()
    world = await EngineHarness.open({ now: () => now })
    const indexedDB = new IDBFactory()
    const reasons: string[] = []
    const visit = async () => {
      const device = world.device('ann', { indexedDB, environment: { clock: clockAt(() => now) } })
      device.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { reasons.push(reason) })
      await online(device)
      await device.close()
    }
    await visit()
    for (let day = 0; day < 9; day++) {
      now += 25 * HOUR
      await visit()
    }
    expect(reasons).toEqual([])
    now += 8 * 24 * HOUR
    await visit()
    expect(reasons).toEqual(['expired'])
  })
})
