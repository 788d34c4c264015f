import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine } from 'or3-sync/client'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { jsonReply } from '../../support/pushed-ops'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** Bob, in step with the workspace, and how often his device wakes up. */
async function member() {
  let wake = () => {}
  const engine = world.device('bob', { environment: { onWake: (callback) => { wake = callback; return () => {} } } })
  await engine.start()
  await engine.whenIdle()
  return { engine, wake: () => wake() }
}
const barred = (engine: TodoEngine) => until(() => engine.status.get(), ({ state, error }) => state === 'error' && error?.code === 'UNAUTHORIZED')

describe('a membership that ends', () => {
  it('stops sync with a status that says so, and asks no more', async () => {
    const { engine } = await member()
    world.outsiders.add('bob')
    await barred(engine)
    world.requests.length = 0
    await new Promise(resolve => setTimeout(resolve, 700))
    expect(world.requests, 'the first back-off is 250 ms').toEqual([])
    expect(engine.isRunning()).toBe(true)
  })

  it('moves what waits to the dead letter, where it can be exported; batch by batch, however much it is', async () => {
    const { engine } = await member()
    world.offline = true
    const rows = Array.from({ length: 1_100 }, (_, index) => ({ id: `t${index}`, title: 'written offline' }))
    await engine.db.todos.bulkPut(rows)
    world.outsiders.add('bob')
    world.offline = false
    await engine.flush()
    await until(() => engine.status.get(), ({ failedCount, pendingCount }) => failedCount === 1_100 && pendingCount === 0)
    await barred(engine)
    const exported = await engine.queue.exportFailed()
    expect(exported).toHaveLength(1_100)
    expect(exported[0]).toMatchObject({ tableName: 'todos', pk: 't0', operation: 'put', errorCode: 'UNAUTHORIZED', row: { id: 't0', title: 'written offline' } })
    expect(await engine.db.todos.count(), 'the rows stay').toBe(1_100)
  })

  it('ends a live subscription as soon as a push is refused', async () => {
    const { engine } = await member()
    world.intercept = async (path, _, send) => path === '/push'
      ? jsonReply({ data: { code: 'UNAUTHORIZED', message: 'you are not a member of this workspace' } }, 403)
      : await send()
    let ended = 0
    engine.hooks.addAction('sync.pull:action:error', () => { ended++ })
    await engine.db.todos.put({ id: '1', title: 'refused' })
    await barred(engine)
    await until(() => engine.status.get().failedCount, count => count === 1)
    expect(ended).toBe(1)
  })

  it('that begins again lets retry bring everything to the store', async () => {
    const { engine } = await member()
    world.outsiders.add('bob')
    await engine.db.todos.put({ id: '1', title: 'kept' })
    await until(() => engine.status.get().failedCount, count => count === 1)
    await barred(engine)
    world.outsiders.delete('bob')
    await engine.queue.retry()
    await until(() => engine.status.get(), ({ state, failedCount, pendingCount, error }) => state === 'idle' && failedCount === 0 && pendingCount === 0 && error === null)
    const ann = world.device('ann')
    await ann.start()
    await ann.whenIdle()
    expect(await ann.db.todos.get('1')).toMatchObject({ title: 'kept' })
  })

  it('that begins again is noticed when the page comes back into view', async () => {
    const { engine, wake } = await member()
    world.outsiders.add('bob')
    await barred(engine)
    world.outsiders.delete('bob')
    wake()
    await until(() => engine.status.get(), ({ state, error }) => state === 'idle' && error === null)
  })

  it('is not what a 403 of a proxy, or about the page\'s origin, says: those are waited out, and the queue stays', async () => {
    const { engine } = await member()
    const refusals = [new Response('<h1>Forbidden</h1>', { status: 403 }), jsonReply({ data: { code: 'FOREIGN_ORIGIN', message: 'no' } }, 403)]
    world.intercept = async (path, _, send) => path === '/push' ? refusals.shift() ?? await send() : await send()
    await engine.db.todos.put({ id: '1', title: 'kept' })
    await until(() => refusals.length, count => count === 0)
    await engine.whenIdle()
    expect(engine.status.get()).toMatchObject({ failedCount: 0, pendingCount: 0 })
  })

  it('is what a provider says by UNAUTHORIZED that is not retryable', async () => {
    const inner = world.provider('bob')
    const refused = Object.assign(new Error('no member'), { code: 'UNAUTHORIZED', retryable: false })
    const engine = createSyncEngine({
      schema: todoSchema, session: { userId: 'bob', workspaceId: 'w1' }, indexedDB: new IDBFactory(), IDBKeyRange, environment: { channel: () => null, locks: null },
      provider: { id: 'own', mode: 'direct', pull: request => inner.pull(request), subscribe: (...args) => inner.subscribe(...args), push: () => Promise.reject(refused) },
    })
    await engine.db.todos.put({ id: '1', title: 'refused' })
    await engine.start()
    await until(() => engine.status.get().failedCount, count => count === 1)
    expect(await engine.queue.failed()).toMatchObject([{ pk: '1', errorCode: 'UNAUTHORIZED' }])
    await engine.close()
  })
})

describe('F17: a role that is none of ours', () => {
  it.each(['banned', 'invited', '', null])('makes every write reject, at the start and later: %s', async (role) => {
    const engine = createSyncEngine({
      schema: todoSchema, session: { userId: 'bob', workspaceId: 'w1', role: role as never }, indexedDB: new IDBFactory(), IDBKeyRange, environment: { channel: () => null }, provider: world.provider('bob'),
    })
    await expect(engine.db.todos.put({ id: '1', title: 'x' })).rejects.toMatchObject({ code: 'READ_ONLY' })
    engine.setRole('editor')
    await engine.db.todos.put({ id: '1', title: 'x' })
    engine.setRole(role as never)
    await expect(engine.db.todos.put({ id: '2', title: 'x' })).rejects.toMatchObject({ code: 'READ_ONLY' })
    await engine.close()
  })
})

describe('a session that expires in the middle of sync', () => {
  it('pauses it, touches nothing of the queue, and goes on with the next session', async () => {
    const { engine, wake } = await member()
    world.signedOut.add('bob')
    await engine.db.todos.bulkPut([{ id: '1', title: 'one' }, { id: '2', title: 'two' }])
    const before = await engine.queue.pending()
    await until(() => engine.status.get().error?.code, code => code === 'UNAUTHORIZED')
    await engine.flush()
    expect(await engine.queue.pending()).toMatchObject(before.map(({ id, pk }) => ({ id, pk })))
    expect(engine.status.get()).toMatchObject({ failedCount: 0, pendingCount: 2 })
    world.signedOut.delete('bob')
    wake()
    await engine.whenIdle()
    expect(engine.status.get()).toMatchObject({ state: 'idle', pendingCount: 0, failedCount: 0, error: null })
  })
})
