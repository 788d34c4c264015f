import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncProvider } from 'or3-sync/client'
import { memoryBackend } from 'or3-sync/server'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

let backend: ReturnType<typeof memoryBackend>
let world: EngineHarness
beforeEach(async () => {
  backend = memoryBackend()
  world = await EngineHarness.open({ backend })
})
afterEach(() => world.close())

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => ({ id: `k${String(from + index).padStart(5, '0')}`, title: 'x' }))

async function online(device: TodoEngine): Promise<TodoEngine> {
  await device.start()
  await device.whenIdle()
  return device
}

/** From now on pulls wait, each until it is let go; what a pull answers is read when it is let go. */
function holdPulls() {
  const waiting: { cursor: number, letGo: () => void }[] = []
  let isHeld: (cursor: number) => boolean = () => true
  world.intercept = async (path, init, send) => {
    if (path !== '/pull') return await send()
    const { cursor } = JSON.parse(String(init?.body)) as { cursor: number }
    if (isHeld(cursor)) await new Promise<void>((resolve) => { waiting.push({ cursor, letGo: resolve }) })
    return await send()
  }
  return {
    async until(count: number) { await until(() => waiting.length, found => found === count) },
    /** From now on only those wait that `isHeld` says. */
    only(still: (cursor: number) => boolean) {
      isHeld = still
      for (const pull of waiting.splice(0)) {
        if (isHeld(pull.cursor)) waiting.push(pull)
        else pull.letGo()
      }
    },
    letOneGo() { waiting.shift()!.letGo() },
  }
}

describe('a walk over everything', () => {
  it('is given up when another tab begins one: none removes what only the other has seen', async () => {
    const environment = { locks: null }
    const first = await online(world.device('bob', { environment }))
    const second = await online(world.device('bob', { environment, indexedDB: first.indexedDB }))
    await first.db.todos.bulkPut(rows(0, 1_000))
    await Promise.all([first.whenIdle(), second.whenIdle()])
    const pulls = holdPulls()
    const failed = new Promise((resolve) => { first.hooks.addAction('sync.pull:action:error', resolve) })
    const ended = new Promise((resolve) => { first.hooks.addAction('sync.rescan:action:completed', resolve) })
    await first.rescan()
    await pulls.until(1)
    pulls.letOneGo()
    await pulls.until(1)
    await second.rescan()
    await pulls.until(2)
    pulls.only(cursor => cursor === 0)
    await Promise.race([failed, ended])
    expect(await first.db.todos.count()).toBe(1_000)
    pulls.only(() => false)
    await Promise.all([first.whenIdle(), second.whenIdle()])
    expect(await first.db.todos.count()).toBe(1_000)
  })

  it('begins anew when the store is restored under it: what the store has lost goes there again', async () => {
    const bob = await online(world.device('bob'))
    await bob.db.todos.bulkPut(rows(0, 200))
    await bob.whenIdle()
    const restore = backend.backUp()
    await bob.db.todos.bulkPut(rows(200, 1_000))
    await bob.whenIdle()
    const pulls = holdPulls()
    await bob.rescan()
    await pulls.until(1)
    pulls.letOneGo()
    // The page after the first is asked for before the first is written.
    await pulls.until(1)
    restore()
    await world.gateway.newEpoch()
    pulls.only(() => false)
    await bob.whenIdle()
    expect(await bob.db.todos.count()).toBe(1_000)
    const other = await online(world.device('ann'))
    expect(await other.db.todos.count()).toBe(1_000)
  })
  it.each(['a pull', 'the stream'] as const)('removes nothing where the store has gone back and does not say that it is another: %s tells', async (teller) => {
    const bob = await online(namelessDevice())
    await bob.db.todos.put({ id: 'kept', title: 'x' })
    await bob.whenIdle()
    const restore = backend.backUp()
    for (const id of ['lost', 'lost too']) {
      await bob.db.todos.put({ id, title: 'x' })
      await bob.whenIdle()
    }
    await until(() => bob.status.get().cursor, cursor => cursor === 3)
    const rescanned = new Promise<void>((resolve) => { bob.hooks.addAction('sync.rescan:action:completed', () => resolve()) })
    if (teller === 'a pull') await bob.stop()
    restore()
    if (teller === 'a pull') await bob.start()
    else await world.provider('ann').push({ scope: { workspaceId: 'w1' }, ops: [wireOp({ pk: 'anns', device: 'ann', payload: { id: 'anns', title: 'x' } })] })
    await rescanned
    await bob.whenIdle()
    expect(await bob.db.todos.toCollection().primaryKeys()).toEqual(teller === 'a pull' ? ['kept', 'lost', 'lost too'] : ['anns', 'kept', 'lost', 'lost too'])
    const { changes } = await world.provider('ann').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 })
    expect(changes.map(({ pk }) => pk)).toEqual(expect.arrayContaining(['kept', 'lost', 'lost too']))
  })
})

/** A device whose provider knows neither epochs nor commit marks: all that it can tell by is the version. */
function namelessDevice(): TodoEngine {
  const inner = world.provider('bob')
  const nameless = <T extends object>(reply: T) => ({ ...reply, epoch: undefined, mark: undefined, restored: undefined })
  const provider: SyncProvider = {
    id: 'nameless', mode: 'gateway',
    push: async batch => nameless(await inner.push({ ...batch, mark: undefined })),
    pull: async request => nameless(await inner.pull({ ...request, mark: undefined })),
    subscribe: (scope, tables, onChanges, options) => inner.subscribe(scope, tables, (changes, page) => onChanges(changes, page && nameless(page)), options),
  }
  return world.device('bob', { provider })
}

describe('the answer to a push that was sent before another tab fetched everything', () => {
  it('does not bring back what was deleted since: the store is asked again', async () => {
    const environment = { locks: null }
    const slow = await online(world.device('bob', { environment }))
    await slow.db.todos.put({ id: 'a', title: 'first' })
    await slow.whenIdle()
    const ann = await online(world.device('ann'))
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>()
    let [isTaken, mayOthersPush] = [false, true]
    world.intercept = async (path, init, send) => {
      if (path !== '/push' || new Headers(init?.headers).get('x-or3-sync-user') === 'ann') return await send()
      if (!mayOthersPush) throw new TypeError('fetch failed')
      mayOthersPush = false
      const answer = await send()
      isTaken = true
      await isLetGo
      return answer
    }
    // The store takes the edit, and its answer is late.
    await slow.db.todos.update('a', { title: 'second' })
    await until(() => isTaken)
    await ann.whenCaughtUp()
    await ann.db.todos.delete('a')
    await ann.whenIdle()
    // Another tab fetches everything. A walk is told of no deletes, and the edit still waits here.
    const other = world.device('bob', { environment, indexedDB: slow.indexedDB })
    const walked = new Promise<void>((resolve) => { other.hooks.addAction('sync.rescan:action:completed', () => resolve()) })
    await other.start()
    await other.rescan()
    await walked
    mayOthersPush = true
    letGo()
    await until(() => slow.db.todos.get('a'), row => row === undefined)
    await Promise.all([slow.whenIdle(), other.whenIdle()])
    expect(await other.db.todos.toArray()).toEqual([])
  })
})
