import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until } from '../../support/engine-harness'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

describe('a listener of the status that throws', () => {
  it('is logged, and the engine starts, syncs and stops', async () => {
    const errors: string[] = []
    const log = { debug() {}, info() {}, warn() {}, error: (message: string) => { errors.push(message) } }
    const ann = world.device('ann', { environment: { log } })
    let heard = 0
    ann.status.subscribe(() => { throw new Error('of the app') })
    ann.status.subscribe(() => { heard++ })
    await ann.start()
    await ann.db.todos.put({ id: 'a', title: 'a' })
    await ann.whenIdle()
    expect(ann.status.get()).toMatchObject({ state: 'idle', pendingCount: 0 })
    await ann.stop()
    expect([ann.isRunning(), errors.length, new Set(errors)]).toEqual([false, heard, new Set(['A listener of the status threw'])])
  })
})

describe('a browser that says that it is offline', () => {
  it('is not believed once the store has answered', async () => {
    const ann = world.device('ann', { environment: { isOnline: () => false } })
    await ann.start()
    await ann.db.todos.put({ id: 'a', title: 'a' })
    await ann.whenIdle()
    expect(ann.status.get().state).toBe('idle')
  })

  it('is believed anew when it says so again', async () => {
    let isOnline = false
    const ann = world.device('ann', { environment: { isOnline: () => isOnline } })
    await ann.start()
    await ann.whenIdle()
    isOnline = true
    await ann.db.todos.put({ id: 'a', title: 'a' })
    await ann.whenIdle()
    isOnline = false
    // Nothing is answered any more; the stream has not noticed yet.
    world.intercept = () => new Promise(() => {})
    await ann.db.todos.put({ id: 'b', title: 'b' })
    await until(() => ann.status.get().state, state => state === 'offline')
  })
})
