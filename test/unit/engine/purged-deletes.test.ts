import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

const DAY = 86_400_000

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** A device that keeps the tombstone of `x`, which the store has purged. Another device has made `x` anew since. */
async function withTombstone({ daysAgo }: { daysAgo: number }): Promise<TodoEngine> {
  const other = world.device('bob')
  await other.start()
  await other.db.todos.put({ id: 'x', title: 'anew' })
  await other.whenIdle()
  const device = world.device('ann')
  const at = Date.now() - daysAgo * DAY
  await device.db.table('tombstones').put({ tableName: 'todos', pk: 'x', clock: 3, hlc: '000000001:0000:node00000001', op_id: 'deleted', deletedAt: at, syncedAt: at })
  return device
}

describe('a device with the tombstone of a record that was made anew', () => {
  it('takes the record, if the store has had the delete for so long that it may have purged it', async () => {
    const device = await withTombstone({ daysAgo: 31 })
    await device.start()
    await device.whenIdle()
    expect(await device.db.todos.get('x')).toMatchObject({ title: 'anew', clock: 1 })
    expect(await device.db.table('tombstones').count()).toBe(0)
  })

  it('keeps the record deleted, if the store knows the delete', async () => {
    const device = await withTombstone({ daysAgo: 29 })
    await device.start()
    await device.whenIdle()
    expect(await device.db.todos.get('x')).toBeUndefined()
  })

  it('keeps it deleted during the walk after a restore, when the store may have lost the delete', async () => {
    const device = await withTombstone({ daysAgo: 0 })
    await device.start()
    await device.whenIdle()
    const at = Date.now() - 31 * DAY
    await device.db.table('tombstones').update(['todos', 'x'], { deletedAt: at, syncedAt: at })
    await world.gateway.newEpoch()
    await device.rescan()
    await until(() => device.queue.pending(), ({ length }) => length === 0)
    await device.whenIdle()
    expect(await device.db.todos.get('x')).toBeUndefined()
  })
})
