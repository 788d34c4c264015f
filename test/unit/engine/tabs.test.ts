import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncEnvironment } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

/** One browser profile: its tabs share IndexedDB, Web Locks and BroadcastChannel, and a clock that runs 50 times as fast. */
function browser() {
  const indexedDB = new IDBFactory()
  const origin = crypto.randomUUID()
  return {
    openTab(overrides: Partial<SyncEnvironment> = {}) {
      const tab = { frozen: false, wake: () => {} }
      const engine = world.device('ann', {
        indexedDB,
        environment: {
          locks: {
            // Another origin's tabs have other locks; Node has one set for the whole process.
            request: (name, options, callback) => navigator.locks.request(`${origin} ${name}`, options as LockOptions, callback),
          },
          channel: (name) => {
            const channel = new BroadcastChannel(`${origin} ${name}`)
            const transport = { postMessage: (message: unknown) => { if (!tab.frozen) channel.postMessage(message) }, onmessage: null as ((event: { data: unknown }) => void) | null, close: () => channel.close() }
            channel.onmessage = (event) => { if (!tab.frozen) transport.onmessage?.(event as MessageEvent) }
            return transport
          },
          clock: { now: () => Date.now(), setTimeout: (run, ms) => setTimeout(run, ms / 50), clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout) },
          onWake: (callback) => { tab.wake = callback; return () => {} },
          ...overrides,
        },
      })
      return Object.assign(engine, { tab })
    },
  }
}

const leaders = (tabs: { status: { get: () => { isLeader: boolean } } }[]) => tabs.filter(tab => tab.status.get().isLeader)

describe('several tabs', () => {
  it('have one leader; what any of them writes is sent, and all know the status', async () => {
    const { openTab } = browser()
    const tabs = [openTab(), openTab(), openTab()]
    for (const tab of tabs) await tab.start()
    await until(() => leaders(tabs).length, count => count === 1)
    const follower = tabs.find(tab => !tab.status.get().isLeader)!
    await follower.db.todos.put({ id: '1', title: 'from a follower' })
    await follower.whenIdle()
    await until(() => tabs.map(tab => tab.status.get()), all => all.every(status => status.state === 'idle' && status.pendingCount === 0 && status.cursor > 0))
    const other = world.device('bob')
    await other.start()
    await other.whenIdle()
    expect(await other.db.todos.get('1')).toMatchObject({ title: 'from a follower' })
    expect(world.requests.filter(path => path === '/subscribe').length, 'one subscription for the browser, one for bob').toBe(2)
  })

  it('pitfall 27: another tab takes over when the leader stops', async () => {
    const { openTab } = browser()
    const tabs = [openTab(), openTab()]
    for (const tab of tabs) await tab.start()
    const [leader] = await until(() => leaders(tabs), list => list.length === 1)
    await (leader as typeof tabs[0]).close()
    const next = tabs.find(tab => tab !== leader)!
    await until(() => next.status.get().isLeader)
    await next.db.todos.put({ id: '1', title: 'after the change' })
    await next.whenIdle()
    expect(next.status.get().pendingCount).toBe(0)
  })

  it('pitfall 27: a frozen leader is replaced; when it thaws it follows, and nothing is lost or told twice', async () => {
    const { openTab } = browser()
    const tabs = [openTab(), openTab()]
    for (const tab of tabs) await tab.start()
    const [leader] = await until(() => leaders(tabs), list => list.length === 1) as typeof tabs
    const other = tabs.find(tab => tab !== leader)!
    leader!.tab.frozen = true
    await other.db.todos.put({ id: '1', title: 'while the leader is frozen' })
    await until(() => other.status.get().isLeader)
    await other.whenIdle()
    leader!.tab.frozen = false
    await until(() => leader!.status.get().isLeader, isLeader => !isLeader)
    await leader!.db.todos.put({ id: '2', title: 'after the thaw' })
    await until(() => other.status.get().pendingCount, count => count === 0)
    await leader!.whenIdle()
    expect(await leader!.conflicts.list()).toEqual([])
  })

  it('without Web Locks every tab leads, and the rows are the same', async () => {
    const { openTab } = browser()
    const tabs = [openTab({ locks: null }), openTab({ locks: null })]
    for (const tab of tabs) await tab.start()
    await Promise.all(tabs.map((tab, index) => tab.db.todos.bulkPut([{ id: `t${index}`, title: 'x' }, { id: 'both', title: `${index}` }])))
    await Promise.all(tabs.map(tab => tab.whenIdle()))
    const other = world.device('bob')
    await other.start()
    await other.whenIdle()
    expect(await other.db.todos.toArray()).toEqual(await tabs[0]!.db.todos.toArray())
    expect(await tabs[0]!.conflicts.list()).toEqual([])
  })
})

describe('starting and stopping', () => {
  it('in any order leaves one engine in the state that was asked for last', async () => {
    const a = world.device()
    await Promise.all([a.start(), a.stop(), a.start(), a.start(), a.stop(), a.start()])
    expect(a.isRunning()).toBe(true)
    await a.db.todos.put({ id: '1', title: 'x' })
    await a.whenIdle()
    await Promise.all([a.stop(), a.start(), a.stop()])
    expect(a.isRunning()).toBe(false)
    await a.db.todos.put({ id: '2', title: 'captured while stopped' })
    expect(await a.queue.pending()).toHaveLength(1)
    await a.start()
    await a.whenIdle()
    expect(await a.queue.pending()).toEqual([])
  })

  it('a database that the browser closes is opened again, and sync goes on', async () => {
    const a = world.device()
    await a.start()
    await a.whenIdle()
    const native = a.db.backendDB()
    native.onclose!(new Event('close'))
    native.close()
    await a.db.todos.put({ id: '1', title: 'after the close' })
    await a.whenIdle()
    expect(await a.queue.pending()).toEqual([])
  })

  it('an old engine that finds a newer database neither writes nor leads, and asks for a reload', async () => {
    const a = world.device()
    await a.db.table('sync_state').put({ id: 'device', deviceId: 'd', format: 99, createdAt: 0 })
    const { indexedDB } = a
    await a.close()
    const old = world.device('ann', { indexedDB })
    await expect(old.start()).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
    await expect(old.db.todos.put({ id: '1', title: 'x' })).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
    expect(old.isRunning()).toBe(false)
  })
})
