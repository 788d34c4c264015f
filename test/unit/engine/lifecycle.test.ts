import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

const never = () => new Promise<Response>(() => {})

describe('the life of an engine', () => {
  it.each(['/pull', '/push', '/subscribe'])('stops at once while %s gets no answer', async (path) => {
    const a = world.device()
    world.intercept = async (requested, _, send) => requested === path ? await never() : await send()
    await a.db.todos.put({ id: '1', title: 'x' })
    await a.start()
    await until(() => world.requests.includes(path))
    await a.stop()
    expect(a.isRunning()).toBe(false)
  })

  it('ends with its close: a start that comes while it closes, or later, begins nothing', async () => {
    const a = world.device()
    await a.start()
    const closed = a.close()
    const started = [a.start(), closed.then(() => a.start())]
    for (const start of started) await expect(start).rejects.toMatchObject({ code: 'SYNC_DISABLED' })
    expect([a.isRunning(), a.db.isOpen()]).toEqual([false, false])
  })

  it('counts what waits before the first start and after a stop', async () => {
    const a = world.device()
    await a.db.todos.put({ id: '1', title: 'before' })
    await until(() => a.status.get().pendingCount, count => count === 1)
    await a.start()
    await a.whenIdle()
    await a.stop()
    await a.db.todos.put({ id: '2', title: 'after' })
    await until(() => a.status.get().pendingCount, count => count === 1)
  })

  it('a flush after an outage brings both directions back', async () => {
    const [a, b] = [world.device('ann'), world.device('bob')]
    await Promise.all([a.start(), b.start()])
    await Promise.all([a.whenIdle(), b.whenIdle()])
    world.offline = true
    world.intercept = async () => { throw new TypeError('fetch failed') }
    await a.stop()
    await a.start()
    await a.db.todos.put({ id: '1', title: 'from ann' })
    await until(() => a.status.get().state, state => state === 'offline')
    world.offline = false
    world.intercept = null
    await a.flush()
    await a.whenIdle()
    expect(a.status.get()).toMatchObject({ state: 'idle', pendingCount: 0, error: null })
  })

  it('two databases of one name in one process have nothing to do with each other', async () => {
    const environment = { locks: navigator.locks as never, channel: (name: string) => new BroadcastChannel(name) as never }
    const [phone, laptop] = [world.device('ann', { environment }), world.device('ann', { environment })]
    await Promise.all([phone.start(), laptop.start()])
    await phone.db.todos.put({ id: '1', title: 'x' })
    await until(() => laptop.db.todos.get('1'))
    expect([phone.status.get().isLeader, laptop.status.get().isLeader]).toEqual([true, true])
  })

  it.each([{ userId: '', workspaceId: 'w' }, { userId: 'u', workspaceId: undefined as unknown as string }])('refuses the session %o, naming what is missing', (session) => {
    expect(() => createSyncEngine({ schema: todoSchema, session, provider: world.provider('ann') })).toThrow(/session\.(userId|workspaceId) must be a text/)
  })
})
