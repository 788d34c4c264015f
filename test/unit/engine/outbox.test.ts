import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PendingOp, PushResult } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'
import { jsonReply, pushedOps } from '../../support/pushed-ops'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

const pushes = () => world.requests.filter(path => path === '/push').length

async function online(device = world.device()) {
  await device.start()
  await device.whenIdle()
  return device
}

describe('the outbox', () => {
  it('pitfall 1: a transient failure is retried until it passes, and nothing is given up', async () => {
    const a = await online()
    let failures = 0
    world.intercept = async (path, _, send) => path === '/push' && ++failures <= 4 ? jsonReply({}, 503) : await send()
    await a.db.todos.put({ id: '1', title: 'a' })
    await a.whenIdle()
    expect(failures).toBe(5)
    expect(a.status.get()).toMatchObject({ pendingCount: 0, failedCount: 0 })
  })

  it('pitfall 3: edits of one record in one millisecond become one op, the latest', async () => {
    const a = await online()
    world.offline = true
    await Promise.all(['x', 'y', 'z'].map(title => a.db.todos.put({ id: '1', title })))
    const latest = await a.db.todos.get('1')
    world.offline = false
    let sent: PendingOp[] = []
    world.intercept = async (path, init, send) => {
      if (path === '/push') sent = sent.concat(pushedOps(init))
      return await send()
    }
    await a.flush()
    await a.whenIdle()
    const last = sent.at(-1)!
    expect(last.payload).toMatchObject({ title: latest!.title })
    expect(sent.filter(op => op.stamp.opId === latest!.op_id).length).toBeGreaterThan(0)
    expect(await a.queue.pending()).toEqual([])
  })

  it('pitfall 11: an acknowledgement of an older edit leaves a newer edit of the record in the queue', async () => {
    const a = await online()
    let release = () => {}
    const held = new Promise<void>((resolve) => { release = resolve })
    let first = true
    world.intercept = async (path, _, send) => {
      if (path !== '/push' || !first) return await send()
      first = false
      const reply = await send()
      await held
      return reply
    }
    await a.db.todos.put({ id: '1', title: 'old' })
    await until(pushes, count => count === 1)
    await a.db.todos.put({ id: '1', title: 'new' })
    release()
    const b = await online(world.device('bob'))
    await until(() => b.db.todos.get('1'), row => row?.title === 'new')
    await a.whenIdle()
    expect(pushes()).toBe(2)
  })

  it('pitfall 8 and 28: a refused op goes to the dead letter with its reason and row; its neighbours pass', async () => {
    const a = await online()
    world.offline = true
    await a.db.todos.bulkPut([{ id: '1', title: 'fine' }, { id: '2', title: 7 as unknown as string }, { id: '3', title: 'fine, too' }])
    world.offline = false
    await a.flush()
    await a.whenIdle()
    expect(a.status.get()).toMatchObject({ pendingCount: 0, failedCount: 1 })
    expect(await a.queue.failed()).toMatchObject([{ tableName: 'todos', pk: '2', operation: 'put', errorCode: 'VALIDATION_ERROR', error: expect.stringContaining('title') as string }])
    expect(await a.queue.exportFailed()).toMatchObject([{ pk: '2', row: { id: '2', title: 7 } }])
    const b = await online(world.device('bob'))
    expect(await b.db.todos.orderBy('id').primaryKeys()).toEqual(['1', '3'])
  })

  it('a refused edit that is mended is sent by itself', async () => {
    const a = await online()
    await a.db.todos.put({ id: '1', title: 7 as unknown as string })
    await until(() => a.status.get().failedCount, count => count === 1)
    await a.db.todos.put({ id: '1', title: 'mended' })
    await until(() => a.status.get().pendingCount, count => count === 0)
    const b = await online(world.device('bob'))
    expect(await b.db.todos.get('1')).toMatchObject({ title: 'mended' })
    expect(await a.queue.failed()).toEqual([])
  })

  it('what was refused as invalid is tried once more when the server\'s schema changes, and only then', async () => {
    const a = await online()
    await a.queue.serverSchemaIs(1)
    let strict = true
    world.intercept = async (path, init, send) => path === '/push' && strict
      ? jsonReply({ results: pushedOps(init).map(op => ({ opId: op.stamp.opId, success: false, errorCode: 'VALIDATION_ERROR', error: 'payload.title: too short' })), serverVersion: 0 })
      : await send()
    await a.db.todos.put({ id: '1', title: 'a' })
    await until(() => a.status.get().failedCount, count => count === 1)
    strict = false
    await a.queue.serverSchemaIs(1)
    expect(await a.queue.failed()).toHaveLength(1)
    await a.queue.serverSchemaIs(2)
    await a.whenIdle()
    expect([await a.queue.failed(), await a.queue.pending()]).toEqual([[], []])
  })

  it('discarding a refused edit brings back what the server has', async () => {
    const a = await online()
    await a.db.todos.put({ id: '1', title: 'good' })
    await a.whenIdle()
    await a.db.todos.put({ id: '1', title: 7 as unknown as string })
    const [item] = await until(() => a.queue.failed(), items => items.length === 1)
    const b = await online(world.device('bob'))
    await b.db.todos.update('1', { title: 'from bob' })
    await b.whenIdle()
    await until(async () => (await a.queue.exportFailed())[0]?.remote)
    expect((await a.db.todos.get('1'))?.title, 'the refused row stays until the user decides').toBe(7)
    await a.queue.discard(item!.id)
    expect((await a.db.todos.get('1'))?.title).toBe('from bob')
    expect(await a.queue.failed()).toEqual([])
  })

  it('a batch that is too large is halved until it passes', async () => {
    const a = await online()
    const sizes: number[] = []
    world.intercept = async (path, init, send) => {
      if (path !== '/push') return await send()
      sizes.push(pushedOps(init).length)
      return pushedOps(init).length > 3 ? jsonReply({ data: { code: 'OVERSIZED', message: 'too large' } }, 413) : await send()
    }
    await a.db.todos.bulkPut(Array.from({ length: 10 }, (_, index) => ({ id: `k${index}`, title: 'x' })))
    await a.whenIdle()
    expect(sizes.slice(0, 3)).toEqual([10, 5, 2])
    expect(a.status.get()).toMatchObject({ pendingCount: 0, failedCount: 0 })
  })

  it('a lost reply neither loses an edit nor invents a conflict, even when others edited on top', async () => {
    const a = await online()
    const b = await online(world.device('bob'))
    let lost = 0
    world.intercept = async (path, _, send) => {
      const reply = await send()
      if (path !== '/push' || lost > 0) return reply
      lost++
      throw new TypeError('connection reset')
    }
    await a.db.todos.put({ id: '1', title: 'ann' })
    await until(() => b.db.todos.get('1'))
    await b.db.todos.update('1', { title: 'bob, on top' })
    await until(() => a.db.todos.get('1'), row => row?.title === 'bob, on top')
    await Promise.all([a.whenIdle(), b.whenIdle()])
    expect([...await a.conflicts.list(), ...await b.conflicts.list()]).toEqual([])
  })

  it('pitfall 9: a reply that does not answer every op is no acknowledgement', async () => {
    const a = await online()
    let bad = true
    world.intercept = async (path, _, send) => {
      if (path !== '/push' || !bad) return await send()
      bad = false
      return jsonReply({ results: [], serverVersion: 1 } satisfies PushResult)
    }
    await a.db.todos.put({ id: '1', title: 'a' })
    await a.whenIdle()
    expect(pushes()).toBe(2)
  })

  it('after CLOCK_SKEW the edit is stamped anew and arrives; nobody wins by a wrong clock', async () => {
    let skew = 60 * 60_000
    const a = world.device('ann', { environment: { clock: { now: () => Date.now() + skew, setTimeout: (run, ms) => setTimeout(run, ms), clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout) } } })
    await a.db.todos.put({ id: '1', title: 'from the future' })
    const before = (await a.db.todos.get('1'))!
    await a.start()
    await a.whenIdle()
    const after = (await a.db.todos.get('1'))!
    expect(after).toMatchObject({ title: 'from the future', clock: 2 })
    expect(after.op_id).not.toBe(before.op_id)
    expect(after.hlc! < before.hlc!).toBe(true)
    skew = 0
    const b = await online(world.device('bob'))
    expect(await b.db.todos.get('1')).toEqual(after)
    expect(a.status.get().failedCount).toBe(0)
  })

  it('a refused login keeps the queue and goes on by itself', async () => {
    const a = await online()
    let signedOut = true
    world.intercept = async (_, __, send) => signedOut ? jsonReply({ data: { code: 'UNAUTHORIZED', message: 'sign in' } }, 401) : await send()
    await a.db.todos.put({ id: '1', title: 'kept' })
    await until(() => a.status.get().error?.code, code => code === 'UNAUTHORIZED')
    // Counting follows the write; the refusal may be quicker.
    await until(() => a.status.get().pendingCount, count => count === 1)
    signedOut = false
    await a.flush()
    await a.whenIdle()
    expect(a.status.get()).toMatchObject({ pendingCount: 0, failedCount: 0, error: null })
  })

  it('honours Retry-After', async () => {
    const a = await online()
    const waits: number[] = []
    a.hooks.addAction('sync.retry:action', ({ nextAttemptAt }) => { waits.push(nextAttemptAt - Date.now()) })
    let limited = true
    world.intercept = async (path, _, send) => {
      if (path !== '/push' || !limited) return await send()
      limited = false
      return jsonReply({}, 429, { 'retry-after': '1' })
    }
    await a.db.todos.put({ id: '1', title: 'a' })
    await until(() => waits.length)
    expect(waits[0]).toBeGreaterThan(900)
    await a.whenIdle()
  })
})
