import { afterEach, beforeEach, expect, it } from 'vitest'
import type { PendingOp } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'
import { listedProvider } from '../../support/listed-provider'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

it('an own edit that a restored store gets again from another device comes back although the user has given it up here', async () => {
  let sent: PendingOp | undefined
  const listed = listedProvider()
  const { push } = listed.provider
  listed.provider.push = async (batch) => {
    sent ??= batch.ops[0]
    return await push(batch)
  }
  const ann = world.device('ann', { provider: listed.provider })
  await ann.start()
  await until(() => listed.live())
  await ann.db.todos.put({ id: '1', title: 'mine' })
  await ann.whenIdle()
  // The store was restored: it has lost the row. A rescan does not find it, and removes it here.
  let isOver = false
  ann.hooks.addAction('sync.rescan:action:completed', () => { isOver = true })
  await ann.rescan()
  await until(async () => isOver && await ann.db.todos.count() === 0)
  await ann.whenIdle()
  const { tableName, pk, payload, stamp } = sent!
  listed.store.push({ tableName, pk, op: 'put', payload, stamp, serverVersion: 1 })
  await listed.live()!([listed.store[0]!], { from: 0, nextCursor: 1 })
  expect(await ann.db.todos.toArray()).toMatchObject([{ id: '1', title: 'mine' }])
})
