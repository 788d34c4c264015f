import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SyncError, type SyncProvider } from 'or3-sync/client'
import { EngineHarness, until } from '../../../support/engine-harness'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

it('edits go in their order although another tab has sent an earlier edit of the same record, which this tab has not heard of', async () => {
  const indexedDB = new IDBFactory()
  const environment = { locks: null, channel: () => null }
  let isDown = true
  const pushed: string[] = []
  const inner = world.provider('ann')
  const provider: SyncProvider = Object.assign(world.provider('ann'), {
    maxOps: 1,
    // No page tells this tab of what the other one has sent.
    subscribe: async () => () => {},
    push: async (batch: Parameters<SyncProvider['push']>[0]) => {
      if (isDown) throw new SyncError('NETWORK_ERROR', 'down', { retryAfter: 600_000 })
      pushed.push(...batch.ops.map(({ pk }) => pk))
      return await inner.push(batch)
    },
  })
  const ann = world.device('ann', { indexedDB, provider, environment })
  await ann.start()
  await ann.db.todos.put({ id: 'x', title: 'first' })
  await until(() => ann.status.get().error)
  const other = world.device('ann', { indexedDB, environment })
  await other.start()
  await until(() => other.queue.pending(), pending => !pending.length)
  await other.stop()
  await ann.db.todos.put({ id: 'y', title: 'second' })
  await ann.db.todos.put({ id: 'x', title: 'third' })
  isDown = false
  await ann.flush()
  await until(() => ann.queue.pending(), pending => !pending.length)
  expect(pushed).toEqual(['y', 'x'])
})
