import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncError, type PullRequest, type PullResponse, type SyncProvider } from 'or3-sync/client'
import { EngineHarness, until, type TodoEngine } from '../../../support/engine-harness'
import { listedProvider, listedTodo } from '../../../support/listed-provider'
import { fastClock } from '../../../support/test-clock'

let world: EngineHarness
let ann: TodoEngine

beforeEach(async () => {
  world = await EngineHarness.open()
  ann = world.device('ann')
  await ann.start()
  await ann.whenIdle()
})
afterEach(() => world.close())

const todos = (count: number, title: string, from = 0) => Array.from({ length: count }, (_, index) => ({ id: String(from + index).padStart(5, '0'), title }))
/** The titles of all rows, each once. */
const titles = async (device: TodoEngine) => [...new Set((await device.db.todos.toArray()).map(({ title }) => title))].sort()

interface PagedOptions {
  /** Rows of a page. */
  size: number
  /** Called before each pull. */
  onPull?: (request: PullRequest, count: number) => Promise<void> | void
}

/** Bob's device, whose pages are small, and who has no stream. */
function paged({ size, onPull }: PagedOptions, indexedDB = new IDBFactory()): TodoEngine {
  const inner = world.provider('bob')
  let pulls = 0
  const provider: SyncProvider = {
    id: 'paged', mode: 'gateway',
    push: (...args) => inner.push(...args),
    pull: async (request): Promise<PullResponse> => {
      await onPull?.(request, ++pulls)
      return await inner.pull({ ...request, limit: Math.min(size, request.limit) })
    },
    subscribe: async () => () => {},
  }
  return world.device('bob', { provider, indexedDB, environment: { clock: fastClock(50) } })
}

/** Notes what a device shows after each change of its database, and whether it says that this is consistent. */
function watch(device: TodoEngine) {
  const seen: { titles: string[], isConsistent: boolean }[] = []
  device.hooks.addAction('sync.pull:action:applied', async () => {
    const shown = await titles(device)
    seen.push({ titles: shown, isConsistent: device.status.get().consistent })
  })
  return seen
}

describe('a device that was away', () => {
  /** Bob has synced once, and is away. */
  const synced = async (options: PagedOptions) => {
    const indexedDB = new IDBFactory()
    const before = paged({ size: 2_000 }, indexedDB)
    await before.start()
    await before.whenIdle()
    expect(before.status.get().consistent).toBe(true)
    await before.close()
    return { indexedDB, again: () => paged(options, indexedDB) }
  }

  it('is shown a transaction of many pages at once', async () => {
    const { again } = await synced({ size: 3 })
    await ann.db.todos.bulkPut(todos(10, 'old'))
    await ann.db.todos.bulkPut(todos(10, 'new'))
    await ann.whenIdle()
    const bob = again()
    const seen = watch(bob)
    await bob.start()
    await bob.whenIdle()
    expect(seen).toEqual([{ titles: ['new'], isConsistent: true }])
  })

  it('is shown the store of one moment although it changes between two pages', async () => {
    const { again } = await synced({
      size: 3,
      onPull: async (_, count) => {
        if (count !== 2) return
        await ann.db.todos.bulkPut(todos(4, 'new', 2))
        await ann.whenIdle()
      },
    })
    await ann.db.todos.bulkPut(todos(6, 'new'))
    await ann.db.todos.bulkPut(todos(4, 'old', 2))
    await ann.whenIdle()
    const bob = again()
    const seen = watch(bob)
    await bob.start()
    await bob.whenIdle()
    expect(seen.every(({ titles, isConsistent }) => !isConsistent || titles.length === 1)).toBe(true)
    expect(await titles(bob)).toEqual(['new'])
  })

  it('reads over 2,000 rows page by page, and says so before the first of them is shown', async () => {
    const { again } = await synced({ size: 800 })
    for (const title of ['old', 'new']) await ann.db.todos.bulkPut(todos(2_400, title))
    await ann.whenIdle()
    const bob = again()
    const told: boolean[] = []
    const afterPages: boolean[] = []
    const seen = watch(bob)
    bob.hooks.addAction('sync.pull:action:applied', () => { afterPages.push(bob.status.get().consistent) })
    bob.status.subscribe(({ consistent }) => { if (told.at(-1) !== consistent) told.push(consistent) })
    await bob.start()
    await bob.whenIdle()
    expect(seen.length).toBeGreaterThan(2)
    expect(told).toEqual([false, true, false, true])
    expect(afterPages[0]).toBe(false)
    expect(bob.status.get().consistent).toBe(true)
  }, 20_000)

  it.each([1, 2])('whose step was cut off %i times reads it so again, and after the second time page by page', async (times) => {
    const { again, indexedDB } = await synced({
      size: 3,
      onPull: (_, count) => { if (count >= 3) throw new SyncError('NETWORK_ERROR', 'gone') },
    })
    await ann.db.todos.bulkPut(todos(10, 'old'))
    await ann.db.todos.bulkPut(todos(10, 'new'))
    await ann.whenIdle()
    for (let cut = 0; cut < times; cut++) {
      const bob = again()
      await bob.start()
      await until(() => bob.status.get().error)
      expect(await titles(bob)).toEqual([])
      await bob.close()
    }
    const bob = paged({ size: 3 }, indexedDB)
    const seen = watch(bob)
    await bob.start()
    await bob.whenIdle()
    expect(seen.length === 1).toBe(times === 1)
    expect([await titles(bob), bob.status.get().consistent]).toEqual([['new'], true])
    expect(await bob.db.table('sync_state').get('cursor')).toMatchObject({ cutOffs: 0, consistent: true })
  })

  it('knows after a reload without a network whether what it shows is consistent', async () => {
    const { again } = await synced({ size: 3 })
    world.offline = true
    const bob = again()
    expect(bob.status.get().consistent).toBe(false)
    await bob.start()
    await until(() => bob.status.get().consistent)
    world.offline = false
  })
})

describe('a walk over everything', () => {
  it('is not consistent until the feed is level after it', async () => {
    await ann.db.todos.bulkPut(todos(300, 'x'))
    await ann.whenIdle()
    const bob = paged({ size: 50 })
    const told: [number, boolean][] = []
    bob.status.subscribe(({ consistent, progress }) => told.push([progress ?? -1, consistent]))
    await bob.start()
    await bob.whenIdle()
    expect(told.filter(([progress]) => progress >= 0).some(([, consistent]) => consistent)).toBe(false)
    expect(bob.status.get().consistent).toBe(true)
    told.length = 0
    await bob.rescan()
    await until(() => told.some(([progress]) => progress >= 0))
    await bob.whenIdle()
    expect(told.filter(([progress]) => progress >= 0).some(([, consistent]) => consistent)).toBe(false)
    expect(bob.status.get().consistent).toBe(true)
  })
})

describe('a rescan with an edit that waits', () => {
  it('is not consistent until that edit is answered: its record may have been deleted', async () => {
    await ann.db.todos.bulkPut(todos(2, 'x'))
    await ann.whenIdle()
    const bob = paged({ size: 50 })
    await bob.start()
    await bob.whenIdle()
    let isDown = true
    world.intercept = async (path, init, send) => path === '/push' && isDown && new Headers(init?.headers).get('x-or3-sync-user') === 'bob' ? new Response('down', { status: 503 }) : await send()
    await bob.db.todos.update('00000', { title: 'bob' })
    await ann.db.todos.delete('00000')
    await ann.whenIdle()
    let isOver = false
    bob.hooks.addAction('sync.rescan:action:completed', () => { isOver = true })
    await bob.rescan()
    await until(() => isOver && bob.status.get().cursor > 0)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(bob.status.get().consistent).toBe(false)
    isDown = false
    await bob.flush()
    await until(() => bob.status.get().consistent)
    expect(await bob.queue.pending()).toEqual([])
  })
})

describe('live pages', () => {
  const listening = async ({ speed = 1 } = {}) => {
    const listed = listedProvider()
    const bob = world.device('bob', { provider: listed.provider, environment: { clock: fastClock(speed) } })
    await bob.start()
    await until(() => listed.live())
    await bob.whenIdle()
    const applied: number[] = []
    bob.hooks.addAction('sync.pull:action:applied', ({ applied: count }) => { applied.push(count) })
    /** The store has it, and the stream hands it over. */
    const add = (n: number) => {
      const todo = listedTodo(n)
      const change = { ...todo, stamp: { ...todo.stamp, hlc: `0mdx00000:${n.toString(36).padStart(4, '0')}:abcdefgh` } }
      listed.store.push(change)
      return change
    }
    const ids = async () => await bob.db.todos.toCollection().primaryKeys()
    return { listed, bob, applied, add, ids, live: listed.live()! }
  }

  it('wait for the one without more behind it', async () => {
    const { add, applied, ids, live } = await listening()
    await live([add(1), add(2)], { from: 0, nextCursor: 2, hasMore: true })
    expect(await ids()).toEqual([])
    await live([add(3)], { from: 2, nextCursor: 3 })
    expect(await ids()).toEqual(['1', '2', '3'])
    expect(applied).toEqual([3])
  })

  it('of which the rest does not come are fetched by a pull', async () => {
    const { add, bob, ids, live } = await listening({ speed: 20 })
    await live([add(1)], { from: 0, nextCursor: 1, hasMore: true })
    add(2)
    await until(ids, shown => shown.length === 2)
    await bob.whenIdle()
    expect(bob.status.get()).toMatchObject({ state: 'idle', consistent: true })
  })

  it('with a gap before them are not shown without what is missing', async () => {
    const { add, applied, ids, live } = await listening()
    add(1)
    await live([add(2)], { from: 1, nextCursor: 2 })
    await until(ids, shown => shown.length > 0)
    expect(await ids()).toEqual(['1', '2'])
    expect(applied).toEqual([2])
  })

  it('are applied one by one when they are too many, and that is not consistent', async () => {
    const { add, bob, ids, live } = await listening()
    const page = (first: number) => Array.from({ length: 1_100 }, (_, n) => add(first + n))
    await live(page(1), { from: 0, nextCursor: 1_100, hasMore: true })
    expect(await ids()).toEqual([])
    await live(page(1_101), { from: 1_100, nextCursor: 2_200, hasMore: true })
    expect([(await ids()).length, bob.status.get().consistent]).toEqual([2_200, false])
    await live([add(2_201)], { from: 2_200, nextCursor: 2_201 })
    expect([(await ids()).length, bob.status.get().consistent]).toEqual([2_201, true])
  })

  it('changes without a place are shown at once, and are not consistent until a pull', async () => {
    const { add, bob, ids, live } = await listening()
    await live([add(1)])
    expect([await ids(), bob.status.get().consistent]).toEqual([['1'], false])
    await until(() => bob.status.get().consistent)
  })
})

describe('an edit that loses to a part of another transaction', () => {
  it('is not replaced before the rest of that transaction is there', async () => {
    const bob = world.device('bob')
    await bob.start()
    await bob.whenIdle()
    let isHeld = true
    let held = () => {}
    const answered = new Promise<void>((resolve) => { held = resolve })
    world.intercept = async (path, _, send) => {
      const answer = await send()
      if (path === '/push') held()
      while (path === '/pull' && isHeld) await new Promise(resolve => setTimeout(resolve, 5))
      return answer
    }
    await bob.stop()
    for (let n = 0; n < 3; n++) await ann.db.todos.bulkPut([{ id: 'a', title: `ann ${n}` }, { id: 'b', title: `ann ${n}` }])
    await ann.whenIdle()
    await bob.db.todos.put({ id: 'a', title: 'bob' })
    isHeld = true
    void bob.start()
    await answered
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(await bob.db.todos.toArray()).toMatchObject([{ id: 'a', title: 'bob' }])
    expect(await bob.queue.pending()).toHaveLength(1)
    isHeld = false
    await bob.whenIdle()
    expect(await bob.db.todos.toArray()).toMatchObject([{ id: 'a', title: 'ann 2' }, { id: 'b', title: 'ann 2' }])
    expect(await bob.conflicts.list()).toMatchObject([{ winner: 'remote', local: { row: { title: 'bob' } } }])
    expect(await bob.queue.pending()).toEqual([])
  })

  it('is not replaced although pages that the store sent before its answer come after it', async () => {
    const { payload, stamp } = listedTodo(1)
    const winner = { op: 'put' as const, payload, stamp: { ...stamp, clock: 5 }, serverVersion: 9 }
    let isPulling = () => {}
    const pulling = new Promise<void>((resolve) => { isPulling = resolve })
    let letGo = () => {}
    const held = new Promise<void>((resolve) => { letGo = resolve })
    const listed = listedProvider({
      push: async ({ ops }) => ({ results: ops.map(op => ({ opId: op.stamp.opId, success: true, applied: false, winner })), serverVersion: 9 }),
    })
    const { pull } = listed.provider
    let isLive = false
    listed.provider.pull = async (request) => {
      if (isLive) {
        isPulling()
        await held
      }
      return await pull(request)
    }
    const bob = world.device('bob', { provider: listed.provider })
    await bob.start()
    await until(() => listed.live())
    await bob.whenIdle()
    isLive = true
    await bob.db.todos.put({ id: '1', title: 'bob' })
    await pulling
    for (const n of [2, 3, 4]) await listed.live()!([listedTodo(n)], { from: n - 1 === 1 ? 0 : n - 1, nextCursor: n })
    await new Promise(resolve => setTimeout(resolve, 50))
    expect((await bob.db.todos.get('1'))?.title).toBe('bob')
    listed.store.push(...[2, 3, 4].map(listedTodo), { tableName: 'todos', pk: '1', ...winner, serverVersion: 9 })
    letGo()
    await until(async () => (await bob.db.todos.get('1'))?.title, title => title === 't1')
  })

  it('is replaced at last although the provider gives versions that no page reaches', async () => {
    const { payload, stamp } = listedTodo(1)
    const winner = { op: 'put' as const, payload, stamp: { ...stamp, clock: 5 }, serverVersion: 1_000_000 }
    const listed = listedProvider({
      push: async ({ ops }) => ({ results: ops.map(op => ({ opId: op.stamp.opId, success: true, applied: false, winner })), serverVersion: 1 }),
    })
    const bob = world.device('bob', { provider: listed.provider, environment: { clock: fastClock(20) } })
    await bob.start()
    await bob.db.todos.put({ id: '1', title: 'bob' })
    await until(async () => (await bob.db.todos.get('1'))?.title, title => title === 't1')
    expect(await bob.queue.pending()).toEqual([])
  })
})
