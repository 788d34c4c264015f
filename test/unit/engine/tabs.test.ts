import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TabTransport } from '#or3-sync/core/sync/environment/environment'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'
import { jsonReply } from '../../support/pushed-ops'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

const browser = () => openBrowser(world)
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

  it('know the status however early the tab that leads tells it to a new one', async () => {
    const { openTab } = browser()
    const leader = openTab()
    await leader.start()
    await leader.whenIdle()
    const { isLeader: _, pendingCount: __, failedCount: ___, ...status } = leader.status.get()
    const answers: Record<string, unknown> = { hello: { type: 'status', status }, ping: { type: 'pong' } }
    const follower = openTab({
      channel: () => {
        const transport = {
          postMessage: ({ type }: { type: string }) => { if (answers[type]) transport.onmessage?.({ data: answers[type] }) },
          onmessage: null as ((event: { data: unknown }) => void) | null,
          close: () => {},
        }
        return transport as TabTransport
      },
    })
    await follower.start()
    expect(follower.status.get()).toMatchObject({ state: 'idle', isLeader: false })
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

  it('a leader that took over from a frozen one asks what became of its edits before it judges what was made upon them', async () => {
    const { openTab } = browser()
    const tabs = [openTab(), openTab()]
    for (const tab of tabs) await tab.start()
    const [frozen] = await until(() => leaders(tabs), list => list.length === 1) as typeof tabs
    const leader = tabs.find(tab => tab !== frozen)!
    frozen!.tab.frozen = true
    await until(() => leader.status.get().isLeader)
    // All that the leader found is answered.
    await leader.db.todos.put({ id: 'y', title: 'y' })
    await leader.whenIdle()
    // Nothing is read meanwhile. The frozen tab wakes and sends an edit before it hears that it leads no more; what the leader sends has to wait.
    let pushes = 0
    world.intercept = async (path, init, send) => {
      if (path === '/pull' || path === '/subscribe') throw new TypeError('fetch failed')
      if (path !== '/push' || !String(init?.body).includes('mine')) return await send()
      if (++pushes > 1) return jsonReply({ data: { code: 'RATE_LIMITED', message: 'later' } }, 429, { 'retry-after': '3600' })
      await send()
      throw new TypeError('fetch failed')
    }
    world.gateway.endStreams()
    await frozen!.db.todos.put({ id: 'x', title: 'mine' })
    await until(() => pushes)
    const { clock, hlc } = await frozen!.db.todos.get('x') as unknown as { clock: number, hlc: string }
    frozen!.tab.frozen = false
    await until(() => frozen!.status.get().isLeader, isLeader => !isLeader)
    await leader.flush()
    await until(() => leader.status.get().error?.code, code => code === 'RATE_LIMITED')
    const uponIt = wireOp({ device: 'bob', pk: 'x', clock: clock + 1, at: 1, base: { clock, hlc }, payload: { id: 'x', title: 'upon it' } })
    const uponThat = wireOp({ device: 'bob', pk: 'x', clock: clock + 2, at: 2, base: { clock: clock + 1, hlc: uponIt.stamp.hlc }, payload: { id: 'x', title: 'upon that' } })
    for (const op of [uponIt, uponThat]) await world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: [op] })
    const read = new Promise((resolve) => { leader.hooks.addAction('sync.pull:action:applied', resolve) })
    world.intercept = async (path, init, send) => path === '/push' && pushes > 0 && String(init?.body).includes('mine') ? jsonReply({ data: { code: 'RATE_LIMITED', message: 'later' } }, 429, { 'retry-after': '3600' }) : await send()
    await read
    expect(await leader.conflicts.list()).toEqual([])
    world.intercept = null
    await leader.flush()
    await until(() => leader.db.todos.get('x'), row => row?.title === 'upon that')
    expect(await leader.conflicts.list()).toEqual([])
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

describe('F23: a tab whose engine stands still', () => {
  it('tells the tab that leads of its edits: they are sent at once', async () => {
    const { openTab } = browser()
    const [a, b] = [openTab(), openTab()]
    for (const tab of [a, b]) await tab.start()
    await Promise.all([a.whenIdle(), b.whenIdle()])
    await a.stop()
    await until(() => b.status.get().isLeader)
    await b.whenIdle()
    await a.db.todos.put({ id: '1', title: 'written while stopped' })
    const bob = world.device('bob')
    await bob.start()
    await until(() => bob.db.todos.get('1'))
    expect(await a.queue.pending()).toEqual([])
    expect(a.isRunning()).toBe(false)
  })

  it('that was never started does so, too, and lets the leader try again what was refused', async () => {
    const { openTab } = browser()
    const [a, b] = [openTab(), openTab()]
    await b.start()
    await b.whenIdle()
    world.intercept = async (path, _, send) => path === '/push' ? jsonReply({ data: { code: 'READ_ONLY', message: 'no' } }, 403) : await send()
    await a.db.todos.put({ id: '1', title: 'before any start' })
    await until(async () => (await a.queue.failed()).length, count => count === 1)
    world.intercept = null
    await a.queue.retry()
    await until(async () => [...await a.queue.pending(), ...await a.queue.failed()].length, count => count === 0)
  })
})
