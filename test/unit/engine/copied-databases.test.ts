import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TabLocks } from '#or3-sync/core/sync/environment/environment'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { copyDatabase } from '../../support/copy-database'

let world: EngineHarness
let first: TodoEngine
beforeEach(async () => {
  world = await EngineHarness.open()
  first = world.device('ann', { environment: { locks: locksOfOneMachine() } })
  await first.start()
  await first.db.todos.bulkPut([{ id: 'a', title: 'before the copy' }, { id: 'b', title: 'before the copy' }])
  await first.whenIdle()
})
afterEach(() => world.close())

/** Web Locks that one tab alone asks for: Node's own would be shared by both machines of a test. */
function locksOfOneMachine(): TabLocks {
  return { request: async (_, __, callback) => { await callback() } }
}

/** The same profile on another machine. */
async function clone(): Promise<TodoEngine> {
  const copy = world.device('ann', { indexedDB: await copyDatabase(first.indexedDB, first.db.name), environment: { locks: locksOfOneMachine() } })
  expect((await copy.diagnostics()).deviceId).toBe((await first.diagnostics()).deviceId)
  return copy
}

const titles = async ({ db }: TodoEngine) => (await db.todos.orderBy('id').toArray()).map(({ id, title }) => `${id}: ${title}`)

describe('two machines with one copied database', () => {
  it('F12: see each other\'s edits, live and after being away', async () => {
    const copy = await clone()
    await copy.start()
    await copy.whenIdle()
    await first.db.todos.update('a', { title: 'by the first' })
    await until(() => copy.db.todos.get('a'), row => row?.title === 'by the first')
    await copy.db.todos.update('b', { title: 'by the copy' })
    await until(() => first.db.todos.get('b'), row => row?.title === 'by the copy')
    await copy.stop()
    await first.db.todos.put({ id: 'c', title: 'while the copy was away' })
    await first.db.todos.delete('b')
    await first.whenIdle()
    await copy.start()
    await copy.whenIdle()
    expect(await titles(copy)).toEqual(['a: by the first', 'c: while the copy was away'])
    expect(await titles(first)).toEqual(await titles(copy))
  })

  it('F12: stamp under a node of their own from each start on', async () => {
    const node = async (id: string) => (await first.db.todos.get(id) as { hlc?: string }).hlc!.split(':')[2]
    const nodes = new Set([await node('a')])
    for (const id of ['second', 'third']) {
      await first.stop()
      await first.start()
      await first.db.todos.put({ id, title: 'after another start' })
      nodes.add(await node(id))
    }
    expect(nodes.size).toBe(3)
  })

  it('F12: keep the loser of what both wrote', async () => {
    const copy = await clone()
    await first.stop()
    await first.db.todos.update('a', { title: 'first' })
    await copy.db.todos.update('a', { title: 'copy' })
    await copy.start()
    await copy.whenIdle()
    await first.start()
    await first.whenIdle()
    await copy.whenIdle()
    expect(await titles(first)).toEqual(await titles(copy))
    const kept = [...await first.conflicts.list(), ...await copy.conflicts.list()]
    expect(kept).toHaveLength(1)
    expect([kept[0]!.local.row?.title, kept[0]!.remote.row?.title].sort()).toEqual(['copy', 'first'])
  })

  it('F12: send an edit that was waiting when the copy was made once, without a conflict with itself', async () => {
    world.offline = true
    await first.db.todos.update('a', { title: 'waiting' })
    const copy = await clone()
    world.offline = false
    await copy.start()
    await copy.whenIdle()
    await first.flush()
    await first.whenIdle()
    expect(await titles(first)).toEqual(await titles(copy))
    expect([await first.conflicts.list(), await copy.conflicts.list()]).toEqual([[], []])
  })
})

describe('a device id that somebody else uses', () => {
  it('F11: hides no edit from its owner, and no conflict', async () => {
    const { deviceId } = await first.diagnostics()
    const bob = world.provider('bob')
    const stamp = (opId: string, clock: number) => ({ deviceId, opId, clock, hlc: `${Date.now().toString(36).padStart(9, '0')}:0000:bobsnode` })
    const op = (pk: string, title: string, clock: number, base: null) => ({
      id: pk, tableName: 'todos', operation: 'put' as const, pk, payload: { id: pk, title }, stamp: stamp(`00000000-0000-4000-8000-00000000000${clock}`, clock), base, createdAt: 0, attempts: 0, status: 'pending' as const,
    })
    await bob.push({ scope: { workspaceId: 'w1' }, ops: [op('new', 'by Bob', 1, null)] })
    await until(() => first.db.todos.get('new'))
    await first.stop()
    await first.db.todos.update('a', { title: 'by Ann' })
    await bob.push({ scope: { workspaceId: 'w1' }, ops: [op('a', 'Bob again', 2, null)] })
    await first.start()
    await first.whenIdle()
    expect(await first.conflicts.list()).toMatchObject([{ pk: 'a' }])
    await bob.dispose()
  })
})
