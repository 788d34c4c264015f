import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncSchema } from 'or3-sync/schema'
import { memoryBackend, sqliteBackend } from 'or3-sync/server'
import type { SyncGateway } from 'or3-sync/server'
import { EngineHarness, until } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

describe.each([['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]])('a server that writes itself (%s)', (_, open) => {
  let world: EngineHarness
  let sync: SyncGateway
  beforeEach(async () => {
    world = await EngineHarness.open({ backend: open(), schema: todoSchema as unknown as SyncSchema })
    sync = world.gateway
  })
  afterEach(() => world.close())

  const titleOf = async (id: string) => (await sync.get('w1', 'todos', id))?.title

  it('reaches devices like any edit, whole, with its revision', async () => {
    const device = world.device()
    await device.start()
    const { rows } = await sync.write('w1', [{ table: 'todos', put: { id: '1', title: 'one' } }, { table: 'notes', put: { id: 'n', createdAt: new Date(5) } }])
    await until(() => device.db.notes.get('n'))
    expect(await device.db.todos.get('1')).toEqual(rows[0])
    expect(await device.db.notes.get('n')).toEqual(rows[1])
    await sync.write('w1', [{ table: 'todos', delete: '1' }])
    await until(() => device.db.todos.get('1'), row => row === undefined)
    expect(await device.conflicts.list()).toEqual([])
  })

  it('is edited by a device that knows its row, without a conflict', async () => {
    const device = world.device()
    await device.start()
    await sync.write('w1', [{ table: 'todos', put: { id: '1', title: 'one' } }])
    await until(() => device.db.todos.get('1'))
    await device.db.todos.update('1', { title: 'of the device' })
    await until(() => titleOf('1'), title => title === 'of the device')
    await sync.write('w1', [{ table: 'todos', update: { id: '1', done: true } }])
    await until(() => device.db.todos.get('1'), row => row?.done === true)
    expect(await device.db.todos.get('1')).toMatchObject({ title: 'of the device', clock: 3 })
    expect(await device.conflicts.list()).toEqual([])
  })

  it('meets an edit that was made offline: one of the two wins on both sides, and the other is kept', async () => {
    const device = world.device()
    await device.start()
    await device.db.todos.put({ id: '1', title: 'base' })
    await until(() => titleOf('1'))
    await device.whenIdle()
    world.offline = true
    await device.db.todos.update('1', { title: 'offline' })
    await sync.write('w1', [{ table: 'todos', update: { id: '1', title: 'of the server' } }])
    await sync.write('w1', [{ table: 'todos', update: { id: '1', title: 'of the server, again' } }])
    world.offline = false
    await device.flush()
    const [conflict] = await until(() => device.conflicts.list(), list => list.length > 0)
    await device.whenIdle()
    expect(conflict).toMatchObject({ tableName: 'todos', pk: '1', winner: 'remote' })
    expect([await titleOf('1'), (await device.db.todos.get('1'))?.title]).toEqual(['of the server, again', 'of the server, again'])
    expect(JSON.stringify(conflict)).toContain('"offline"')
    await device.conflicts.restore(conflict!.id)
    await until(() => titleOf('1'), title => title === 'offline')
  })

  it('loses no update of many that count at once', async () => {
    const device = world.device()
    await device.start()
    await device.db.todos.put({ id: '1', title: '0' })
    await until(() => titleOf('1'))
    const addOne = async () => {
      for (;;) {
        const row = (await sync.get('w1', 'todos', '1'))!
        try { return await sync.write('w1', [{ table: 'todos', update: { id: '1', title: String(Number(row.title) + 1) }, expect: { clock: row.clock, hlc: row.hlc } }]) }
        catch (error) { if ((error as { code?: string }).code !== 'CONFLICT') throw error }
      }
    }
    await Promise.all(Array.from({ length: 20 }, addOne))
    expect(await titleOf('1')).toBe('20')
    await until(() => device.db.todos.get('1'), row => row?.title === '20')
  })
})
