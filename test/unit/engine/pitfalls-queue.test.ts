import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PendingOp, PushResult } from 'or3-sync/client'
import type { OutboxRecord } from '#or3-sync/core/sync/records/engine-records'
import { OutboxView } from '#or3-sync/core/sync/queue/outbox-view'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { EngineHarness, until } from '../../support/engine-harness'
import { jsonReply, pushedOps } from '../../support/pushed-ops'
import { clockAt, stoppedClock } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const pushes = () => world.requests.filter(path => path === '/push').length

async function online(device = world.device()) {
  await device.start()
  await device.whenIdle()
  return device
}

/** A device on whose clock it is always the same millisecond. */
async function inOneMillisecond() {
  const now = Date.now()
  return await online(world.device('ann', { environment: { clock: clockAt(() => now) } }))
}

/** The reply to the next push waits for the function that this returns. */
function holdNextReply(): () => void {
  let release = () => {}
  const held = new Promise<void>((resolve) => { release = resolve })
  world.intercept = async (path, _, send) => {
    if (path !== '/push') return await send()
    world.intercept = null
    const reply = await send()
    await held
    return reply
  }
  return release
}

/** 200, and every op of the push refused. */
function refusal(init: RequestInit | undefined, errorCode: 'VALIDATION_ERROR' | 'RATE_LIMITED'): Response {
  const results = pushedOps(init).map(({ stamp }) => ({ opId: stamp.opId, success: false, errorCode, error: 'no' }))
  return jsonReply({ results, serverVersion: 0 } satisfies PushResult)
}

/** Answers the next push in the server's place. */
function refuseNextPush(errorCode: 'VALIDATION_ERROR' | 'RATE_LIMITED'): void {
  world.intercept = async (path, init, send) => {
    if (path !== '/push') return await send()
    world.intercept = null
    return refusal(init, errorCode)
  }
}

describe('the queue', () => {
  it('pitfall 1: the dead letter is still there after a reload', async () => {
    const a = await online()
    await a.db.todos.put({ id: '1', title: 7 as unknown as string })
    await until(() => a.status.get().failedCount)
    await a.close()
    const again = await online(world.device('ann', { indexedDB: a.indexedDB }))
    expect(await again.queue.failed()).toMatchObject([{ pk: '1', errorCode: 'VALIDATION_ERROR' }])
  })

  it('pitfall 1: an op that the store cannot take at the moment is tried again', async () => {
    const a = await online()
    refuseNextPush('RATE_LIMITED')
    await a.db.todos.put({ id: '1', title: 'kept' })
    await a.whenIdle()
    expect([pushes(), a.status.get().failedCount]).toEqual([2, 0])
    const b = await online(world.device('bob'))
    expect(await b.db.todos.get('1')).toMatchObject({ title: 'kept' })
  })

  it('pitfall 3: of a put and a delete of one record in one millisecond, read from the outbox, the later is sent', async () => {
    const a = await inOneMillisecond()
    await a.db.todos.put({ id: '1', title: 'there' })
    await a.whenIdle()
    world.offline = true
    await a.db.todos.put({ id: '1', title: 'older' })
    await a.db.todos.delete('1')
    world.offline = false
    await a.flush()
    await a.whenIdle()
    const b = await online(world.device('bob'))
    expect(await b.db.todos.get('1')).toBeUndefined()
  })

  it('pitfall 3: of two edits of one record in one millisecond, just made, the later is sent', async () => {
    const a = await inOneMillisecond()
    const release = holdNextReply()
    await a.db.todos.put({ id: 'first', title: 'on its way' })
    await until(pushes)
    await a.db.todos.put({ id: '1', title: 'older' })
    await a.db.todos.put({ id: '1', title: 'newer' })
    release()
    await a.whenIdle()
    const b = await online(world.device('bob'))
    expect(await b.db.todos.get('1')).toMatchObject({ title: 'newer' })
  })

  it('pitfall 3: of two edits of one record in one millisecond, made offline, the later is sent, and it alone', async () => {
    const a = await inOneMillisecond()
    world.offline = true
    await a.db.todos.put({ id: '1', title: 'older' })
    await a.db.todos.put({ id: '1', title: 'newer' })
    world.offline = false
    const sent: PendingOp[] = []
    world.intercept = async (path, init, send) => {
      if (path === '/push') sent.push(...pushedOps(init))
      return await send()
    }
    await a.flush()
    await a.whenIdle()
    expect(sent.map(op => op.payload?.title)).toEqual(['newer'])
  })

  it('pitfall 3: a queue that is longer than a batch is sent in the order of its edits', async () => {
    const a = await online()
    world.offline = true
    const pks = Array.from({ length: 20 }, (_, index) => `k${index}`)
    for (const id of pks) await a.db.todos.put({ id, title: 'x' })
    world.offline = false
    const sent: string[] = []
    world.intercept = async (path, init, send) => {
      if (path !== '/push') return await send()
      if (pushedOps(init).length > 3) return jsonReply({ data: { code: 'OVERSIZED', message: 'too large' } }, 413)
      sent.push(...pushedOps(init).map(op => op.pk))
      return await send()
    }
    await a.flush()
    await a.whenIdle()
    expect(sent).toEqual(pks)
  })

  it('pitfall 9: an op that is refused inside a 200 is not acknowledged', async () => {
    const a = await online()
    refuseNextPush('VALIDATION_ERROR')
    await a.db.todos.put({ id: '1', title: 'refused' })
    await until(() => a.status.get().failedCount)
    expect(await a.queue.exportFailed()).toMatchObject([{ pk: '1', errorCode: 'VALIDATION_ERROR', row: { title: 'refused' } }])
  })

  it('pitfall 11: an acknowledgement leaves alone what another tab has written to the record since', async () => {
    const a = await online()
    const otherTab = world.device('ann', { indexedDB: a.indexedDB })
    const release = holdNextReply()
    await a.db.todos.put({ id: '1', title: 'older' })
    await until(pushes)
    await otherTab.db.todos.put({ id: '1', title: 'newer' })
    release()
    await a.flush()
    await a.whenIdle()
    const b = await online(world.device('bob'))
    expect(await b.db.todos.get('1')).toMatchObject({ title: 'newer' })
  })

  it('pitfall 11: what one tab has had acknowledged, another tab does not put back', async () => {
    // Without Web Locks both lead. The second never comes to try again.
    const a = await online(world.device('ann', { environment: { locks: null } }))
    const b = world.device('ann', { indexedDB: a.indexedDB, environment: { clock: stoppedClock(), locks: null } })
    await b.start()
    await until(() => b.status.get().state, state => state === 'idle')
    const replies: (() => void)[] = []
    world.intercept = async (path, init, send) => {
      if (path !== '/push') return await send()
      const reply = pushes() === 1 ? await send() : refusal(init, 'RATE_LIMITED')
      await new Promise<void>((resolve) => { replies.push(resolve) })
      return reply
    }
    await a.db.todos.put({ id: '1', title: 'x' })
    await until(() => replies[0])
    const flushed = b.flush()
    const [acknowledge, refuse] = await until(() => replies, list => list.length === 2)
    acknowledge!()
    await until(() => a.queue.pending(), items => items.length === 0)
    refuse!()
    await flushed
    expect(await a.queue.pending()).toEqual([])
  })

  it('pitfall 28: an op that no request can carry goes to the dead letter, and its neighbours pass', async () => {
    const a = await online()
    world.intercept = async (path, init, send) => path === '/push' && pushedOps(init).some(op => op.pk === 'poison')
      ? jsonReply({ data: { code: 'OVERSIZED', message: 'too large' } }, 413)
      : await send()
    await a.db.todos.bulkPut(['1', '2', 'poison', '3'].map(id => ({ id, title: 'x' })))
    await a.whenIdle()
    expect(await a.queue.failed()).toMatchObject([{ pk: 'poison', errorCode: 'OVERSIZED' }])
    const b = await online(world.device('bob'))
    expect(await b.db.todos.orderBy('id').primaryKeys()).toEqual(['1', '2', '3'])
  })

  it('pitfall 36: saving writes the records that changed and no other', async () => {
    const records = Array.from({ length: 100 }, (_, index): OutboxRecord => ({
      id: index + 1, tableName: 'todos', status: 'pending', createdAt: 0,
      ops: ['a', 'b'].map(name => ({ pk: `${name}${index}`, op: 'put', clock: 1, hlc: 'h', opId: `${name}${index}`, base: null })),
    }))
    const view = new OutboxView(records)
    view.removeAll(recordKey('todos', 'a6'))
    const { gone, changed } = view.changes()
    expect([gone, changed.map(({ id }) => id)]).toEqual([[], [7]])
  })

  it('pitfall 36: an acknowledgement leaves the app\'s tables unlocked', async () => {
    const a = await online()
    const transaction = vi.spyOn(a.db, 'transaction')
    await a.db.todos.put({ id: '1', title: 'x' })
    await a.whenIdle()
    await a.db.todos.delete('1')
    await a.whenIdle()
    const written = (transaction.mock.calls as unknown as [mode: string, tables: string[]][]).filter(([mode]) => mode.startsWith('rw'))
    expect(written.length).toBeGreaterThan(0)
    expect(written.filter(([, tables]) => tables.includes('todos'))).toEqual([])
  })
})
