import { IDBDatabase as FDBDatabase } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GatewaySyncProvider, type SyncActions, type SyncChange, type SyncProvider } from 'or3-sync/client'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

const HOOKS = [
  'sync.push:action:before', 'sync.push:action:after', 'sync.retry:action', 'sync.error:action', 'sync.pull:action:received', 'sync.pull:action:applied',
  'sync.pull:action:error', 'sync.conflict:action:detected', 'sync.bootstrap:action:start', 'sync.bootstrap:action:progress', 'sync.bootstrap:action:complete',
  'sync.bootstrap:action:error', 'sync.rescan:action:starting', 'sync.rescan:action:progress', 'sync.rescan:action:completed', 'sync.subscription:action:statusChange',
  'sync.gc:action:completed',
] as const satisfies readonly (keyof SyncActions)[]

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => {
  vi.restoreAllMocks()
  await world.close()
})

/** Everything that the only engine of the world does from now on. */
function watch(engine: TodoEngine): string[] {
  const seen: string[] = []
  for (const name of HOOKS) engine.hooks.addAction(name, () => { seen.push(name) })
  const open = FDBDatabase.prototype.transaction
  vi.spyOn(FDBDatabase.prototype, 'transaction').mockImplementation(function (this: InstanceType<typeof FDBDatabase>, ...args) {
    seen.push(`transaction over ${String(args[0])}`)
    return open.apply(this, args)
  })
  const before = world.intercept
  world.intercept = async (path, init, send) => {
    seen.push(path)
    return before ? await before(path, init, send) : await send()
  }
  return seen
}

async function bobWrites(first: number, count: number): Promise<void> {
  const ops = Array.from({ length: count }, (_, index) => wireOp({ pk: `b${first + index}`, device: 'bob' }))
  const bob = new GatewaySyncProvider({ baseURL: world.origin, fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, 'x-user': 'bob' } }) })
  await bob.push({ scope: { workspaceId: 'w1' }, ops })
}

describe('an engine that was stopped', () => {
  it('F48: does nothing any more, at whatever moment the stop came', async () => {
    for (let round = 0; round < 25; round++) {
      const ann = world.device(`ann${round % 2}`)
      const seen = watch(ann)
      void ann.start()
      await ann.db.todos.bulkPut(Array.from({ length: 20 }, (_, index) => ({ id: `a${index}`, title: `${round}` })))
      const writing = bobWrites(round * 20, 20)
      await new Promise(resolve => setTimeout(resolve, round * 3))
      await ann.stop()
      seen.length = 0
      await writing
      await new Promise(resolve => setTimeout(resolve, 20))
      expect(seen, `stopped after ${round * 3} ms`).toEqual([])
      await ann.close()
      vi.restoreAllMocks()
      world.intercept = null
    }
  })

  it('F48: has finished the page it had in hand, or given it up', async () => {
    let deliver: (count: number) => void = () => {}
    const inner = world.provider('ann')
    const changes = (count: number) => Array.from({ length: count }, (_, index): SyncChange => {
      const { tableName, pk, payload, stamp } = wireOp({ pk: `live${index}` })
      return { tableName, pk, op: 'put', payload, stamp, serverVersion: index + 1 }
    })
    const provider: SyncProvider = {
      id: 'own', mode: 'direct', push: batch => inner.push(batch), pull: request => inner.pull(request),
      async subscribe(_, __, onChanges) {
        deliver = count => void onChanges(changes(count), { from: 0, nextCursor: count })
        return () => {}
      },
    }
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    const seen = watch(ann)
    deliver(500)
    deliver(500)
    await until(() => seen.includes('sync.pull:action:received'))
    await ann.stop()
    seen.length = 0
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(seen).toEqual([])
    expect([0, 500]).toContain(await ann.db.todos.count())
  })

  it('F48: ignores what its provider still says', async () => {
    let say: (status: 'connected' | 'error') => void = () => {}
    const inner = world.provider('ann')
    const provider: SyncProvider = {
      id: 'own', mode: 'direct', push: batch => inner.push(batch), pull: request => inner.pull(request),
      async subscribe(_, __, ___, options) {
        say = status => options!.onStatus(status)
        return () => {}
      },
    }
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    await ann.stop()
    const seen = watch(ann)
    say('connected')
    say('error')
    await new Promise(resolve => setTimeout(resolve, 20))
    expect([seen, ann.status.get().state]).toEqual([[], 'offline'])
  })
})

describe('a provider that does not wait for its changes to be applied', () => {
  it('F47: fills no memory: what is too much is left out, and pulled later', async () => {
    await bobWrites(0, 400)
    const inner = world.provider('ann')
    let deliver: (page: number) => void = () => {}
    let pulls = 0
    const provider: SyncProvider = {
      id: 'impatient', mode: 'direct', push: batch => inner.push(batch),
      pull: async (request) => { pulls++; return await inner.pull(request) },
      async subscribe(_, __, onChanges, options) {
        const { changes } = await inner.pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 2_000 })
        const from = options!.cursor()
        deliver = () => void onChanges(changes, { from, nextCursor: from })
        return () => {}
      },
    }
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    let received = 0
    ann.hooks.addAction('sync.pull:action:received', ({ changeCount }) => { received += changeCount })
    const before = pulls
    for (let page = 0; page < 200; page++) deliver(page)
    expect(received).toBeLessThanOrEqual(5_000)
    await ann.whenIdle()
    await until(() => pulls, count => count > before)
    expect(await ann.db.todos.count()).toBe(400)
  })
})
