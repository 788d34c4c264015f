import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EngineContext } from '#or3-sync/core/sync/context/engine-context'
import { GcManager } from '#or3-sync/core/sync/life/gc-manager'
import type { EngineDatabase } from '#or3-sync/core/sync/records/engine-database'
import { EngineHarness } from '../../support/engine-harness'

const DAY = 24 * 3_600_000

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

it('tombstones of any age stay while everything is compared with the store: they may be what it has forgotten', async () => {
  const db = world.device().db as unknown as EngineDatabase
  await db.open()
  const gc = new GcManager({ db, hooks: { doAction: () => {} }, storeTime: () => 100 * DAY } as unknown as EngineContext)
  await db.tombstones.put({ tableName: 'todos', pk: '1', clock: 2, hlc: '0mdx00000:0001:abcdefgh', op_id: 'o', deletedAt: DAY, syncedAt: DAY })
  await db.sync_state.put({ id: 'bootstrap', walkId: 'w', kind: 'rescan', reason: 'epoch', target: 0, position: 0, direction: 'desc', tables: ['todos'], pulled: 0, startedAt: 0, sweep: 'requeue' })
  expect((await gc.run()).tombstones).toBe(0)
  await db.sync_state.delete('bootstrap')
  expect((await gc.run()).tombstones).toBe(1)
})
