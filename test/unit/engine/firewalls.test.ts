import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncError, type SyncProvider } from 'or3-sync/client'
import { backOff } from '#or3-sync/shared/sync/protocol/retry-policy'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { jsonReply, pushedOps } from '../../support/pushed-ops'
import { fastClock } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const page = (status: number) => new Response(status === 204 ? null : '<h1>Blocked by the company\'s firewall</h1>', { status, headers: { 'content-type': 'text/html' } })
const titles = (init: RequestInit | undefined) => pushedOps(init).map(op => String(op.payload?.title))

async function online(device = world.device('ann', { environment: { clock: fastClock(10) } })): Promise<TodoEngine> {
  await device.start()
  await device.whenIdle()
  return device
}

/** A firewall that answers pushes in which a row's text stands; `answer` says how. */
function block(text: string, answer = () => page(403)): { sent: string[][], isOn: boolean } {
  const firewall = { sent: [] as string[][], isOn: true }
  world.intercept = async (path, init, send) => {
    if (path !== '/push') return await send()
    firewall.sent.push(titles(init))
    return firewall.isOn && titles(init).some(title => title.includes(text)) ? answer() : await send()
  }
  return firewall
}

async function storedKeys(): Promise<string[]> {
  const bob = world.device('bob')
  await bob.start()
  await bob.whenIdle()
  const keys = await bob.db.todos.orderBy('id').primaryKeys()
  await bob.close()
  return keys
}

describe('a proxy that answers in the store\'s place for a while', () => {
  it.each([200, 204, 302, 400, 403, 404, 405, 409, 413, 415, 426, 451])('F29: with %i costs no edit: all of them arrive by themselves', async (status) => {
    const ann = await online()
    const states = new Set<string>()
    ann.status.subscribe(({ state }) => states.add(state))
    let answers = 0
    world.intercept = async (path, _, send) => path === '/push' && ++answers <= 8 ? page(status) : await send()
    await ann.db.todos.bulkPut(Array.from({ length: 5 }, (_, index) => ({ id: `k${index}`, title: `${index}` })))
    await until(() => ann.queue.pending(), items => items.length === 0)
    expect(await ann.queue.failed()).toEqual([])
    expect(await storedKeys()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
    await ann.whenIdle()
    expect(ann.status.get()).toMatchObject({ state: 'idle', error: null })
    expect(states.has('offline'), 'somebody answers').toBe(false)
  })

  it.each(['/pull', '/cursor', '/subscribe'])('F29: on %s is no verdict either', async (route) => {
    let answers = 0
    world.intercept = async (path, _, send) => path === route && ++answers <= 3 ? page(403) : await send()
    const ann = await online()
    await ann.db.todos.put({ id: '1', title: 'x' })
    await ann.whenIdle()
    expect([await ann.queue.failed(), ann.status.get().error]).toEqual([[], null])
  })

  it('F30: is not taken for a firewall: where an empty push is answered strangely too, no edit is blamed', async () => {
    const ann = await online()
    let isProxied = true
    const empty: number[] = []
    world.intercept = async (path, init, send) => {
      if (path !== '/push' || !isProxied) return await send()
      empty.push(pushedOps(init).length)
      return page(403)
    }
    await ann.db.todos.bulkPut([{ id: '1', title: 'a' }, { id: '2', title: 'b' }])
    await until(() => empty.filter(count => count === 0).length, count => count === 2)
    expect(await ann.queue.pending()).toMatchObject([{ pk: '1' }, { pk: '2' }])
    expect((await ann.queue.pending()).some(item => item.errorCode), 'nobody is to blame').toBe(false)
    expect(empty.slice(0, 4)).toEqual([2, 2, 2, 0])
    expect(ann.status.get()).toMatchObject({ state: 'error', error: { code: 'UNKNOWN' } })
    isProxied = false
    await ann.whenIdle()
    expect(await ann.queue.pending()).toEqual([])
  })
})

describe('a firewall that refuses one row\'s text', () => {
  it.each([
    ['403', () => page(403)], ['a 200 page', () => page(200)], ['400', () => page(400)], ['413', () => page(413)],
    ['a body that it damages, so that the gateway cannot read it', () => jsonReply({ data: { code: 'VALIDATION_ERROR', message: 'the body is not valid JSON' } }, 400)],
    ['a 400 with JSON of its own', () => new Response(JSON.stringify({ data: { code: 'VALIDATION_ERROR', message: 'blocked' } }), { status: 400 })],
  ])('F30: with %s holds up that row alone: it waits aside, with its reason, and the others go', async (_, answer) => {
    const ann = await online()
    const reason = answer().status === 413 ? 'OVERSIZED' : answer().headers.has('x-or3-sync-protocol') ? 'VALIDATION_ERROR' : 'UNKNOWN'
    block('DROP TABLE', answer)
    await ann.db.todos.bulkPut(Array.from({ length: 20 }, (_, index) => ({ id: `k${String(index).padStart(2, '0')}`, title: index === 13 ? '; DROP TABLE students' : 'fine' })))
    await until(() => ann.status.get().pendingCount, count => count === 1)
    await ann.whenIdle()
    expect(ann.status.get()).toMatchObject({ state: 'idle', pendingCount: 1, failedCount: 0, error: null })
    expect(await ann.queue.pending()).toMatchObject([{ pk: 'k13', errorCode: reason, error: expect.stringContaining('on the way') as string, attempts: expect.any(Number) as number }])
    expect(await storedKeys()).toHaveLength(19)
  })

  it('F30: lets later edits through at once, and that row as soon as it is written anew', async () => {
    const ann = await online()
    const firewall = block('DROP TABLE')
    await ann.db.todos.put({ id: '1', title: 'DROP TABLE' })
    await until(() => ann.queue.pending(), items => items[0]?.errorCode !== undefined)
    firewall.sent.length = 0
    await ann.db.todos.put({ id: '2', title: 'fine' })
    await until(() => ann.queue.pending(), items => items.length === 1)
    expect(firewall.sent).toEqual([['fine']])
    await ann.db.todos.put({ id: '1', title: 'drop the table' })
    await until(() => ann.status.get().pendingCount, count => count === 0)
    expect(await storedKeys()).toEqual(['1', '2'])
  })

  it('F30: finds each of many such rows, without waiting anew for each', async () => {
    const ann = await online(world.device('ann'))
    const firewall = block('bad')
    await ann.db.todos.bulkPut(Array.from({ length: 200 }, (_, index) => ({ id: `k${index}`, title: index % 25 === 7 ? `bad ${index}` : 'fine' })))
    await until(() => ann.status.get().pendingCount, count => count === 8)
    expect(firewall.sent.length).toBeLessThan(120)
    expect(await storedKeys()).toHaveLength(192)
    expect(await ann.queue.failed()).toEqual([])
  })

  it('F30: is asked again alone, ever more rarely', async () => {
    const clock = fastClock(1_000)
    const ann = await online(world.device('ann', { environment: { clock, random: () => 0.5 } }))
    const firewall = block('bad')
    await ann.db.todos.put({ id: '1', title: 'bad' })
    await until(() => ann.queue.pending(), items => items[0]?.errorCode !== undefined)
    firewall.sent.length = 0
    const waits: number[] = []
    ann.hooks.addAction('sync.retry:action', ({ nextAttemptAt }) => { waits.push(Math.round((nextAttemptAt - clock.now()) / 1_000)) })
    await until(() => waits, list => list.length === 4)
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    expect(firewall.sent).toEqual([['bad'], ['bad'], ['bad'], ['bad']])
    const delays = Array.from({ length: 8 }, (_, index) => backOff('aside', index + 1, () => 0.5) / 1_000)
    expect(delays).toEqual([10, 30, 90, 270, 810, 2_430, 3_600, 3_600])
  })

  it.each([
    ['flush()', async (ann: TodoEngine) => { await ann.flush() }],
    ['the network comes back', async (_: TodoEngine, wake: () => void) => { wake() }],
    ['an outage is over', async (ann: TodoEngine) => {
      world.offline = true
      await ann.db.todos.put({ id: '2', title: 'fine' })
      await until(() => ann.status.get().error?.code, code => code === 'NETWORK_ERROR')
      world.offline = false
    }],
    ['the page is loaded again', async (ann: TodoEngine) => {
      await ann.close()
      const again = world.device('ann', { indexedDB: ann.indexedDB })
      await again.start()
    }],
  ])('F30: that is gone lets the row through when %s', async (_, happens) => {
    let wake = () => {}
    const ann = await online(world.device('ann', { environment: { onWake: (callback) => { wake = callback; return () => {} } } }))
    const firewall = block('bad')
    await ann.db.todos.put({ id: '1', title: 'bad' })
    await until(() => ann.queue.pending(), items => items[0]?.errorCode !== undefined)
    firewall.isOn = false
    await happens(ann, wake)
    await until(() => storedKeys(), keys => keys.includes('1'))
  })

  it('F30: does not hold up a page that is loaded anew: what waited aside goes last, and alone', async () => {
    const ann = await online()
    const firewall = block('bad')
    await ann.db.todos.put({ id: '1', title: 'bad' })
    await until(() => ann.queue.pending(), items => items[0]?.errorCode !== undefined)
    await ann.close()
    const again = world.device('ann', { indexedDB: ann.indexedDB })
    expect(await again.queue.pending(), 'the reason is kept').toMatchObject([{ pk: '1', errorCode: 'UNKNOWN' }])
    await again.db.todos.bulkPut([{ id: '2', title: 'fine' }, { id: '3', title: 'fine, too' }])
    firewall.sent.length = 0
    await again.start()
    await until(() => firewall.sent.length, count => count >= 2)
    expect(firewall.sent.slice(0, 2)).toEqual([['fine', 'fine, too'], ['bad']])
  })

  it('F30: is told by every tab', async () => {
    const environment = { locks: navigator.locks as never, channel: (name: string) => new BroadcastChannel(name) as never }
    const ann = await online(world.device('ann', { environment }))
    const other = world.device('ann', { indexedDB: ann.indexedDB, environment })
    await other.start()
    block('bad')
    await other.db.todos.put({ id: '1', title: 'bad' })
    await until(() => other.queue.pending(), items => items[0]?.errorCode === 'UNKNOWN')
    await other.whenIdle()
    expect(other.status.get()).toMatchObject({ pendingCount: 1, isLeader: false })
  })

  it('a whole batch that a provider itself calls invalid is halved until its op is found, which goes to the dead letter', async () => {
    const inner = world.provider('ann')
    const sent: string[][] = []
    const provider: SyncProvider = {
      id: 'strict', mode: 'direct', pull: request => inner.pull(request), subscribe: (...args) => inner.subscribe(...args),
      async push(batch) {
        sent.push(batch.ops.map(op => String(op.payload?.title)))
        if (sent.at(-1)!.includes('bad')) throw new SyncError('VALIDATION_ERROR', 'ops: out of form')
        return await inner.push(batch)
      },
    }
    const ann = await online(world.device('ann', { provider, environment: { clock: fastClock(10) } }))
    await ann.db.todos.bulkPut(Array.from({ length: 8 }, (_, index) => ({ id: `k${index}`, title: index === 5 ? 'bad' : 'fine' })))
    await until(() => ann.status.get(), ({ pendingCount, failedCount }) => pendingCount === 0 && failedCount === 1)
    expect(sent.filter(titles => titles.length === 0), 'nobody is asked whether the store is there').toEqual([])
    await ann.db.todos.bulkPut(Array.from({ length: 50 }, (_, index) => ({ id: `more${index}`, title: 'fine' })))
    await ann.whenIdle()
    expect(sent.at(-1), 'batches are as large as before').toHaveLength(50)
    inner.dispose()
  })
})
