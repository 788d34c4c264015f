import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/testing/simulation/seeded-random'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { SimTab } from '../../../src/testing/simulation/sim-tab'
import { History, put, shown } from '../../support/history'

const NOTHING = { timers: 0, locks: 0, channels: 0, subscriptions: 0, listeners: 0 }
/** Tabs that an app has open at once, at most. */
const TABS = 3
const STEPS = 25

let history: History
beforeEach(() => { history = new History() })
afterEach(() => history.close())

type Action = (tab: SimTab, random: SeededRandom) => Promise<unknown>

/** What an app may do with an engine. */
const ACTIONS: Record<string, Action> = {
  start: ({ engine }) => engine.start(),
  stop: ({ engine }) => engine.stop(),
  flush: ({ engine }) => engine.flush(),
  rescan: ({ engine }) => engine.rescan(),
  wake: async tab => tab.wake(),
  setRole: async ({ engine }, random) => engine.setRole(random.pick(['viewer', 'editor'])),
  edit: (tab, random) => tab.edit([put(random.pick(['a', 'b', 'c']))]),
  restart: ({ engine }) => engine.stop().then(() => engine.start()),
}

/** What is left at the moment at which a stop or close has said that it is over. A lock granted just before is given back when its tab hears of it. */
const leftBy = (tab: SimTab, over: Promise<void>) => over.then(() => ({ ...tab.leftovers, locks: 0 }))

function checkOneLeader(device: SimDevice): void {
  const leaders = device.tabs.filter(({ engine }) => engine.status.get().isLeader).map(({ name }) => name)
  expect(leaders.length, `${leaders.join(' and ')} lead one database`).toBeLessThanOrEqual(1)
}

describe('an engine that is started, stopped and closed at any moment, nobody waiting for anything', () => {
  it.each(Array.from({ length: 25 }, (_, seed) => [seed]))('leaves nothing behind and loses nothing (seed %i)', async (seed) => {
    const random = new SeededRandom(seed)
    const device = history.device('ann')
    const closing: { tab: SimTab, left: Promise<Record<string, number>> }[] = []
    device.open()
    for (let step = 0; step < STEPS; step++) {
      if (device.tabs.length < TABS && random.chance(0.3)) device.open()
      const tab = random.pick(device.tabs)
      // A viewer's edit is refused, a flush of an engine that stops meanwhile is cut off: whoever asked hears of it.
      void random.pick(Object.values(ACTIONS))(tab, random).catch(() => {})
      if (device.tabs.length > 1 && random.chance(0.15)) {
        device.tabs = device.tabs.filter(other => other !== tab)
        closing.push({ tab, left: leftBy(tab, tab.engine.close()) })
      }
      await history.world.pump.drain(random.between(0, 60))
      await history.world.run(random.chance(0.2) ? random.between(0, 8_000) : random.between(0, 100), () => {
        checkOneLeader(device)
        return false
      })
    }
    for (const tab of device.tabs) {
      tab.engine.setRole('editor')
      closing.push({ tab, left: leftBy(tab, tab.engine.stop()) })
    }
    for (const { tab, left } of closing) expect(await history.world.finish(left), tab.name).toEqual(NOTHING)
    await history.world.run(100)
    for (const { tab } of closing) expect(tab.leftovers, tab.name).toEqual(NOTHING)
    for (const { engine } of device.tabs) await history.world.finish(engine.start())
    await history.rest()
    expect(shown(device)).toEqual([...history.world.oracle.rows('w1').values()].map(({ pk, payload }) => `items/${pk}:${String(payload!.edit)}`).sort())
  })

  it('switches between workspaces without mixing them', async () => {
    const random = new SeededRandom(1)
    const [home, work] = ['home', 'work'].map(workspaceId => history.world.device({ userId: 'ann', workspaceId }))
    let current = home!.open()
    for (let step = 0; step < 30; step++) {
      void current.edit([put(`${current.device.workspaceId}-${step % 3}`)])
      await history.world.pump.drain(random.between(0, 80))
      const left = current
      const closed = leftBy(left, left.engine.close())
      left.device.tabs = []
      current = (left.device === home ? work! : home!).open()
      await history.world.run(random.between(0, 300))
      expect(await history.world.finish(closed)).toEqual(NOTHING)
    }
    for (const device of [home!, work!]) if (!device.tabs.length) device.open()
    await history.rest()
    for (const device of [home!, work!]) expect(shown(device).every(row => row.startsWith(`items/${device.workspaceId}-`))).toBe(true)
  })
})

describe('a session that runs out in mid-flight', () => {
  it('pauses sync without touching the queue, and goes on at once when somebody has signed in again', async () => {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const [a] = [one.open(), two.open()]
    await history.rest()
    await history.edit(a, put('a'))
    history.world.network.refusal = { code: 'UNAUTHORIZED', status: 401 }
    await history.edit(a, put('b'))
    const queued = JSON.stringify(one.outbox())
    await history.world.run(20 * 60_000)
    expect(JSON.stringify(one.outbox())).toBe(queued)
    expect(a.engine.status.get()).toMatchObject({ state: 'error', error: { code: 'UNAUTHORIZED' }, pendingCount: 2 })
    await history.edit(a, put('c'))
    history.world.network.refusal = null
    a.wake()
    await history.until(() => history.world.oracle.applied === 3, 1_000)
    await history.rest()
    expect(shown(two)).toEqual(['items/a:e1', 'items/b:e2', 'items/c:e3'])
  })
})

describe('a tab that is woken several times at once', () => {
  it('does not take the lead from one that answers', async () => {
    const [one] = [history.device('ann')]
    const tabs = [one.open(), one.open()]
    await history.rest()
    const [leader, follower] = tabs[0]!.engine.status.get().isLeader ? tabs : tabs.reverse()
    for (let times = 0; times < 3; times++) {
      follower!.wake()
      await history.world.run(1)
    }
    await history.world.run(10_000)
    expect([leader, follower].map(tab => tab!.engine.status.get().isLeader)).toEqual([true, false])
  })
})

describe('a round of GC', () => {
  it('in which an engine stops, at any moment, is the last', async () => {
    const { time, pump } = history.world
    const tab = history.device('ann').open()
    let rounds = 0
    tab.engine.hooks.addAction('sync.gc:action:completed', () => { rounds++ })
    for (let moment = 0; moment < 12; moment++) {
      await history.until(() => tab.engine.status.get().isLeader)
      await history.world.run(29_999)
      // Half a minute after it began to lead; then step by step.
      const before = rounds
      while (time.nextAt <= time.now + 1) time.step()
      await pump.drain(moment)
      expect(await history.world.finish(leftBy(tab, tab.engine.stop()))).toEqual(NOTHING)
      await history.world.run(100)
      expect(rounds, 'it was under way').toBe(before + 1)
      expect(tab.leftovers).toEqual(NOTHING)
      await history.world.finish(tab.engine.start())
    }
  })
})

describe('a page that comes online', () => {
  /** The next request fails at the store's door, and its answer is still under way. */
  async function failing(begin: () => void | Promise<unknown>): Promise<void> {
    const { network } = history.world
    network.refusal = { code: 'SERVER_ERROR', status: 503 }
    await begin()
    await history.until(() => network.counts.refused > 0)
    network.refusal = null
  }

  it('while a push of the old network is failing pushes again at once', async () => {
    const [one] = [history.device('ann')]
    const a = one.open()
    await history.rest()
    await failing(() => history.edit(a, put('a')))
    a.wake()
    await history.until(() => history.world.oracle.applied === 1, 150)
  })

  it('while a pull of the old network is failing pulls again at once', async () => {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const [a, b] = [one.open(), two.open()]
    await history.rest()
    two.setOnline(false)
    await history.edit(a, put('a'))
    await history.level(one)
    await failing(() => { two.isOnline = true })
    b.wake()
    await history.until(() => shown(two).length === 1, 200)
  })

  it('and is flushed reads at once, however long it was away', async () => {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const [a, b] = [one.open(), two.open()]
    await history.rest()
    two.setOnline(false)
    await history.edit(a, put('a'))
    await history.world.run(570_000)
    await history.until(() => b.provider.underWay === 0)
    two.isOnline = true
    await history.world.finish(b.engine.flush())
    await history.until(() => shown(two).length === 1, 1_000)
  })
})
