import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until } from '../../support/engine-harness'
import { listedProvider, listedTodo } from '../../support/listed-provider'
import { clockAt, shortWaits } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const never = () => new Promise<never>(() => {})
/** A minute takes 0.6 s. */
const environment = { clock: shortWaits(100) }

describe('updateCursor', () => {
  it('without an answer does not hold up a first sync of several pages', async () => {
    const bob = world.device('bob')
    await bob.start()
    await bob.db.todos.bulkPut(Array.from({ length: 250 }, (_, index) => ({ id: `b${index}`, title: 'x' })))
    await bob.whenIdle()
    world.intercept = (path, _, send) => path === '/cursor' ? never() : send()
    const ann = world.device('ann')
    await ann.start()
    await until(() => ann.status.get().firstSyncDone)
    expect(await ann.db.todos.count()).toBe(250)
  })

  it('without an answer does not hold up what comes live', async () => {
    let asked = 0
    const { provider, store, live } = listedProvider({
      updateCursor: () => {
        asked++
        return never()
      },
    })
    store.push(listedTodo(1))
    const ann = world.device('ann', { provider, environment: { clock: clockAt(() => Date.now() + asked * 11_000) } })
    await ann.start()
    await until(() => ann.status.get().state, state => state === 'idle')
    for (const version of [2, 3, 4]) {
      store.push(listedTodo(version))
      void live()!([listedTodo(version)], { from: version - 1, nextCursor: version })
    }
    await until(() => ann.db.todos.count(), count => count === 4)
    expect(asked).toBeGreaterThan(1)
  })

  it('that throws at once is no failure, either', async () => {
    const { provider, store } = listedProvider({ updateCursor: () => { throw new Error('no such thing') } })
    store.push(listedTodo(1))
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    expect(ann.status.get()).toMatchObject({ state: 'idle', error: null })
  })
})

describe('subscribe', () => {
  it('without an answer is tried again, and what is there by then is pulled', async () => {
    const { provider, store } = listedProvider()
    const subscribe = provider.subscribe
    let subscriptions = 0
    provider.subscribe = (...args) => ++subscriptions === 1 ? never() : subscribe(...args)
    const ann = world.device('ann', { provider, environment })
    await ann.start()
    await until(() => subscriptions)
    store.push(listedTodo(1))
    await ann.whenIdle()
    expect([await ann.db.todos.count(), subscriptions]).toEqual([1, 2])
  })

  it('that has failed before it has answered is not waited for; one that comes after all is given back', async () => {
    const { provider } = listedProvider()
    let subscriptions = 0
    let [comeLate, given] = [(_: () => void) => {}, 0]
    provider.subscribe = async (_scope, _tables, _onChanges, options) => {
      if (++subscriptions > 1) return () => {}
      options!.onStatus!('error')
      return await new Promise<() => void>((resolve) => { comeLate = resolve })
    }
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    expect(subscriptions).toBe(2)
    comeLate(() => { given++ })
    await until(() => given)
  })
})

describe('a request without an answer', () => {
  it('push: fails after a minute, and the next goes through', async () => {
    const { provider } = listedProvider()
    const push = provider.push
    let pushes = 0
    provider.push = (...args) => ++pushes === 1 ? never() : push(...args)
    const ann = world.device('ann', { provider, environment })
    await ann.start()
    await ann.db.todos.add({ id: 'a', title: 'a' })
    await until(() => ann.status.get().error?.message, message => message === 'the provider\'s push has not answered within 60 s')
    await ann.whenIdle()
    expect(pushes).toBe(2)
  })

  it('pull: fails after a minute, and the next goes through', async () => {
    const { provider, store } = listedProvider()
    const pull = provider.pull
    let pulls = 0
    provider.pull = (...args) => ++pulls === 1 ? never() : pull(...args)
    store.push(listedTodo(1))
    const ann = world.device('ann', { provider, environment })
    await ann.start()
    await ann.whenIdle()
    expect(await ann.db.todos.count()).toBe(1)
  })

  it('dispose: does not keep close() from ending', async () => {
    const { provider } = listedProvider({ dispose: never })
    const ann = world.device('ann', { provider, environment })
    await ann.start()
    await ann.close()
    expect(ann.isRunning()).toBe(false)
  })
})
