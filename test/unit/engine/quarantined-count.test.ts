import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'
import { EngineHarness, until } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'
import type { todoSchema } from '../../support/todo-schema'

/** As the app was before titles could be long. */
const strictSchema = defineSyncSchema({
  version: 1,
  tables: { todos: { schema: z.object({ id: z.string(), title: z.string().max(5) }), primaryKey: 'id' } },
}) as unknown as typeof todoSchema

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

describe('F56: quarantinedCount', () => {
  it('tells of a device whose rows are all in quarantine, in every tab, until they fit', async () => {
    const bob = world.device('bob')
    await bob.start()
    await bob.db.todos.bulkPut([{ id: '1', title: 'much too long' }, { id: '2', title: 'too long as well' }])
    await bob.whenIdle()
    const browser = openBrowser(world, { schema: strictSchema })
    const tabs = [browser.openTab(), browser.openTab()]
    for (const tab of tabs) await tab.start()
    for (const tab of tabs) await until(() => tab.status.get(), ({ state, quarantinedCount }) => state === 'idle' && quarantinedCount === 2)
    expect(await tabs[0]!.db.todos.count()).toBe(0)

    await bob.db.todos.put({ id: '1', title: 'fits' })
    for (const tab of tabs) await until(() => tab.status.get().quarantinedCount, count => count === 1)
    await bob.db.todos.put({ id: '3', title: 'too long, once more' })
    for (const tab of tabs) await until(() => tab.status.get().quarantinedCount, count => count === 2)
  })

  it('counts rows that fail the schema, not those that this device keeps out', async () => {
    const ann = world.device('ann')
    await ann.start()
    await ann.db.notes.put({ id: '1', private: true })
    const bob = world.device('bob')
    await bob.start()
    await bob.db.notes.put({ id: '1', body: 'of all' })
    await until(() => ann.db.table('sync_quarantine').count(), count => count === 1)
    await ann.whenIdle()
    expect(ann.status.get().quarantinedCount).toBe(0)
  })

  it('is known after a restart, before anything is heard of the store', async () => {
    const bob = world.device('bob')
    await bob.start()
    await bob.db.todos.put({ id: '1', title: 'much too long' })
    await bob.whenIdle()
    const before = world.device('ann', { schema: strictSchema })
    await before.start()
    await until(() => before.status.get().quarantinedCount, count => count === 1)
    await before.close()
    world.offline = true
    const after = world.device('ann', { schema: strictSchema, indexedDB: before.indexedDB })
    await after.start()
    await until(() => after.status.get().quarantinedCount, count => count === 1)
  })
})
