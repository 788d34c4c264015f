import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncError } from 'or3-sync/client'
import type { PendingOp } from '#or3-sync/shared/sync/protocol/types'
import { EngineHarness, until } from '../../support/engine-harness'
import { listedProvider, listedTodo } from '../../support/listed-provider'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

describe('a provider that works on the ops it is handed', () => {
  const encrypt = (ops: PendingOp[]) => {
    for (const op of ops) op.payload!.title = `encrypted ${String(op.payload!.title)}`
  }

  it('is handed what the app wrote, also at the next try', async () => {
    const seen: unknown[] = []
    const { provider } = listedProvider()
    const push = provider.push
    provider.push = async (batch) => {
      seen.push(batch.ops[0]!.payload!.title)
      encrypt(batch.ops)
      if (seen.length === 1) throw new SyncError('NETWORK_ERROR', 'lost')
      return await push(batch)
    }
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.db.todos.put({ id: 'a', title: 'text' })
    await ann.whenIdle()
    expect([seen, (await ann.db.todos.get('a'))?.title]).toEqual([['text', 'text'], 'text'])
  })

  it('and refuses one leaves the app\'s row in the dead letter', async () => {
    const { provider } = listedProvider()
    provider.push = async ({ ops }) => {
      encrypt(ops)
      return { results: ops.map(({ stamp: { opId } }) => ({ opId, success: false, errorCode: 'VALIDATION_ERROR', error: 'no' })), serverVersion: 1 }
    }
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.db.todos.put({ id: 'a', title: 'text' })
    await until(() => ann.queue.failed(), list => list.length === 1)
    expect(JSON.stringify(await ann.queue.exportFailed())).toMatch(/"title":"text"/)
  })
})

it('a provider that empties the list of changes that it has handed over: nothing is passed over', async () => {
  const { provider, store, live } = listedProvider()
  const ann = world.device('ann', { provider })
  await ann.start()
  await ann.whenIdle()
  const changes = [listedTodo(1), listedTodo(2)]
  const page = { from: 0, nextCursor: 2 }
  store.push(...changes)
  const applied = live()!(changes, page)
  changes.length = 0
  page.nextCursor = 9
  await applied
  await ann.whenIdle()
  expect([await ann.db.todos.count(), ann.status.get().cursor]).toEqual([2, 2])
})
