import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncSchema } from 'or3-sync/schema'
import type { SyncBackend } from 'or3-sync/server'
import { EngineHarness, until, type TodoEngine } from '../support/engine-harness'
import { pushedOps } from '../support/pushed-ops'
import { syncSchema } from './support/deployment/sync-schema'
import { openConvexBackend } from './support/open-backend'

describe('devices of a gateway that stores on Convex', () => {
  let backend: SyncBackend
  let world: EngineHarness
  let ada: TodoEngine
  let bob: TodoEngine
  /** How many ops each push had that the store took. */
  let pushes: number[]
  let splits: { ops: number, parts: number }[]
  beforeEach(async () => {
    backend = await openConvexBackend()
    world = await EngineHarness.open({ backend, schema: syncSchema as unknown as SyncSchema })
    pushes = []
    splits = []
    world.intercept = async (path, init, send) => {
      const answer = await send()
      if (path === '/push' && answer.ok) pushes.push(pushedOps(init).length)
      return answer
    }
    ada = world.device('ada')
    bob = world.device('bob')
    ada.hooks.addAction('sync.push:action:split', ({ ops, parts }) => { splits.push({ ops, parts }) })
    for (const device of [ada, bob]) {
      await device.start()
      await device.whenIdle()
    }
  })
  afterEach(async () => {
    await world.close()
    await backend.close()
  })

  const todos = (count: number, title: string) => Array.from({ length: count }, (_, index) => ({ id: `row-${index}`, title }))
  /** How many rows of each title Bob's device has, after each change of its database, as far as it says that this is consistent. */
  const watchBob = () => {
    const seen: string[] = []
    bob.hooks.addAction('sync.pull:action:applied', async () => {
      const rows = await bob.db.todos.toArray()
      if (bob.status.get().consistent) seen.push([...new Set(rows.map(({ title }) => title.slice(0, 3)))].join())
    })
    return seen
  }
  const written = async (count: number, title: string) => {
    await ada.db.todos.bulkPut(todos(count, title))
    await until(() => ada.queue.pending(), pending => !pending.length)
    await until(async () => (await bob.db.todos.toArray()).filter(row => row.title === title).length, found => found === count)
  }

  it.each([101, 500])('show a transaction of %i rows at once', async (count) => {
    await written(count, 'old')
    const seen = watchBob()
    await written(count, 'new')
    expect([pushes, splits]).toEqual([[count, count], []])
    await until(() => seen.length)
    expect(new Set(seen)).toEqual(new Set(['new']))
  })

  it('send one of 501 rows in parts, and end equal', async () => {
    await written(501, 'one')
    expect(splits).toEqual([{ ops: 501, parts: 2 }])
    expect(pushes).toEqual([500, 1])
    expect(await bob.db.todos.toArray()).toEqual(await ada.db.todos.toArray())
  })

  it('send one that replaces 600 KiB in parts, and keep what it has replaced', async () => {
    await ada.stop()
    for (const { id } of todos(6, '')) await bob.db.todos.put({ id, title: 'bob'.padEnd(100 * 1024, 'x') })
    await until(() => bob.queue.pending(), pending => !pending.length)
    pushes = []
    for (let time = 0; time < 2; time++) await ada.db.todos.bulkPut(todos(6, 'ada'))
    await ada.start()
    await until(async () => (await bob.db.todos.toArray()).filter(({ title }) => title === 'ada').length, found => found === 6)
    expect(splits).toHaveLength(1)
    expect(pushes.length).toBeGreaterThan(1)
    const conflicts = await until(() => ada.conflicts.list(), found => found.length === 6)
    expect(conflicts.map(({ winner, remote }) => [winner, (remote.row as { title: string }).title.length])).toEqual(Array(6).fill(['local', 100 * 1024]))
  })
})
