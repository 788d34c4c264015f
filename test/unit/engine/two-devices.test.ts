import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until } from '../../support/engine-harness'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

describe('two devices of one workspace', () => {
  it('see each other\'s put, update, delete, bulkPut, modify and clear', async () => {
    const [a, b] = [world.device('ann'), world.device('bob')]
    await Promise.all([a.start(), b.start()])
    const agree = () => until(async () => [await a.db.todos.toArray(), await b.db.todos.toArray()], ([left, right]) => isDeepStrictEqual(left, right))

    await a.db.todos.put({ id: '1', title: 'one' })
    await until(() => b.db.todos.get('1'))
    await b.db.todos.update('1', { title: 'uno' })
    await until(() => a.db.todos.get('1'), row => row?.title === 'uno')
    await a.db.todos.bulkPut([{ id: '2', title: 'two' }, { id: '3', title: 'three', list_id: 'x' }])
    await until(() => b.db.todos.count(), count => count === 3)
    await b.db.todos.where('list_id').equals('x').modify({ done: true })
    await until(() => a.db.todos.get('3'), row => row?.done === true)
    await a.db.todos.delete('1')
    await until(() => b.db.todos.get('1'), row => row === undefined)
    await agree()
    await b.db.todos.clear()
    await until(() => a.db.todos.count(), count => count === 0)
    await Promise.all([a.whenIdle(), b.whenIdle()])
    expect(a.status.get()).toMatchObject({ state: 'idle', pendingCount: 0, failedCount: 0, firstSyncDone: true, error: null })
  })

  it('keep edits made offline and deliver them once the network is back', async () => {
    const [a, b] = [world.device('ann'), world.device('bob')]
    await Promise.all([a.start(), b.start()])
    await Promise.all([a.whenIdle(), b.whenIdle()])
    world.offline = true
    for (let index = 0; index < 50; index++) await a.db.todos.put({ id: `t${index}`, title: `offline ${index}` })
    await until(() => a.status.get().pendingCount, count => count === 50)
    expect(await b.db.todos.count()).toBe(0)
    world.offline = false
    await a.flush()
    await until(() => b.db.todos.count(), count => count === 50)
    await a.whenIdle()
    expect(await a.queue.pending()).toEqual([])
  })

  it('agree after concurrent edits, and keep the loser as a conflict on one device', async () => {
    const [a, b] = [world.device('ann'), world.device('bob')]
    await Promise.all([a.start(), b.start()])
    await a.db.todos.put({ id: '1', title: 'base' })
    await until(() => b.db.todos.get('1'))
    await Promise.all([a.whenIdle(), b.whenIdle()])
    world.offline = true
    await a.db.todos.update('1', { title: 'from ann' })
    // Later by the clock, too: of two edits in one millisecond either may be the higher.
    await new Promise(resolve => setTimeout(resolve, 5))
    await b.db.todos.update('1', { title: 'from bob' })
    world.offline = false
    await a.flush()
    await b.flush()
    await until(async () => [await a.db.todos.get('1'), await b.db.todos.get('1')], ([x, y]) => x?.op_id === y?.op_id)
    await Promise.all([a.whenIdle(), b.whenIdle()])
    expect((await a.db.todos.get('1'))?.title).toBe('from bob')
    const conflicts = [...await a.conflicts.list(), ...await b.conflicts.list()]
    expect(conflicts).toHaveLength(1)
    const { local, remote, winner } = conflicts[0]!
    expect([local.row?.title, remote.row?.title].sort()).toEqual(['from ann', 'from bob'])
    expect((winner === 'local' ? local : remote).row?.title).toBe('from bob')
  })

  it('a reload goes on with what was queued', async () => {
    const a = world.device('ann')
    world.offline = true
    await a.start()
    await a.db.todos.bulkPut([{ id: '1', title: 'kept' }, { id: '2', title: 'kept too' }])
    const { indexedDB } = a
    await a.close()
    world.offline = false
    const again = world.device('ann', { indexedDB })
    await again.start()
    await again.whenIdle()
    const other = world.device('bob')
    await other.start()
    await other.whenIdle()
    expect(await other.db.todos.orderBy('id').primaryKeys()).toEqual(['1', '2'])
  })
})
