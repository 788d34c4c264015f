import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { listedProvider, listedTodo, type ListedProvider } from '../../support/listed-provider'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** What comes later arrives after a reload, too, and the stored cursor is the store's version. */
async function expectOnward(ann: TodoEngine, { provider, store }: ListedProvider): Promise<void> {
  const next = store.length + 1
  await ann.stop()
  store.push(listedTodo(next))
  const again = world.device('ann', { provider, indexedDB: ann.indexedDB })
  await again.start()
  await until(() => again.db.todos.get(String(next)))
  await again.stop()
  expect(await again.db.table('sync_state').get('cursor')).toMatchObject({ cursor: next })
}

const ODD: [string, unknown][] = [['missing', undefined], ['NaN', Number.NaN], ['a text', '7'], ['infinite', Infinity], ['a fraction', 2.5], ['negative', -5], ['null', null], ['huge', 1e18]]

describe('B3: a place in the feed that is out of form', () => {
  it.each(ODD)('nextCursor of a live page is %s: its changes are applied, and a pull moves the cursor', async (_, nextCursor) => {
    const listed = listedProvider()
    const ann = world.device('ann', { provider: listed.provider })
    await ann.start()
    await until(() => listed.live())
    await ann.whenIdle()
    listed.store.push(listedTodo(1))
    await listed.live()!([listedTodo(1)], { from: 0, nextCursor: nextCursor as number })
    expect((await ann.db.todos.get('1'))?.title).toBe('t1')
    await until(async () => (await ann.db.table('sync_state').get('cursor') as { cursor: number }).cursor === 1)
    await expectOnward(ann, listed)
  })

  it.each(ODD)('from of a live page is %s: its changes are applied, and the cursor does not jump', async (_, from) => {
    const listed = listedProvider()
    const ann = world.device('ann', { provider: listed.provider })
    await ann.start()
    await until(() => listed.live())
    await ann.whenIdle()
    listed.store.push(listedTodo(1), listedTodo(2))
    await listed.live()!([listedTodo(2)], { from: from as number, nextCursor: 2 })
    await until(() => ann.db.todos.get('1'))
    await expectOnward(ann, listed)
  })

  it.each(ODD)('latestVersion of a pull is %s: it counts as absent', async (_, latestVersion) => {
    const listed = listedProvider()
    const { pull } = listed.provider
    listed.provider.pull = async request => ({ ...await pull(request), latestVersion: latestVersion as number })
    listed.store.push(listedTodo(1))
    const ann = world.device('ann', { provider: listed.provider })
    await ann.start()
    await ann.whenIdle()
    await expectOnward(ann, listed)
  })

  it.each(ODD)('serverVersion of a push answer is %s: a first sync reads the feed from its beginning', async (_, serverVersion) => {
    let letGo = () => {}
    const gate = new Promise<void>((resolve) => { letGo = resolve })
    const listed = listedProvider()
    const { pull } = listed.provider
    const asked: number[] = []
    listed.provider.pull = async (request) => {
      await gate
      asked.push(request.cursor)
      return await pull(request)
    }
    listed.provider.push = async ({ ops }) => ({ results: ops.map(op => ({ opId: op.stamp.opId, success: true, applied: true, serverVersion: serverVersion as number })), serverVersion: serverVersion as number })
    listed.store.push(listedTodo(1))
    const ann = world.device('ann', { provider: listed.provider })
    await ann.db.todos.put({ id: 'mine', title: 'x' })
    await ann.start()
    await until(async () => (await ann.queue.pending()).length === 0)
    letGo()
    await ann.whenIdle()
    expect(asked.every(cursor => Number.isSafeInteger(cursor) && cursor >= 0), String(asked)).toBe(true)
    await expectOnward(ann, listed)
  })

  it.each([Number.NaN, '7x', Infinity, undefined])('a cursor %s that an earlier version has stored does not keep out what comes', async (cursor) => {
    const listed = listedProvider()
    const ann = world.device('ann', { provider: listed.provider })
    await ann.start()
    await ann.whenIdle()
    await ann.stop()
    await ann.db.table('sync_state').update('cursor', { cursor })
    await expectOnward(ann, listed)
  })
})
