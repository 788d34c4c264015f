import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncEnvironment } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'
import { clockAt } from '../../support/test-clock'

type Locks = NonNullable<SyncEnvironment['locks']>

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const deaf: Locks = { request: () => new Promise(() => {}) }
const refusing = (error: () => Error): Locks => ({ request: () => Promise.reject(error()) })
const throwing: Locks = { request: () => { throw new DOMException('storage is blocked', 'SecurityError') } }

const leads = (tab: { status: { get: () => { isLeader: boolean } } }) => tab.status.get().isLeader

async function expectSent(tab: ReturnType<ReturnType<typeof openBrowser>['openTab']>, id: string) {
  await tab.db.todos.put({ id, title: 'x' })
  await tab.whenIdle()
  expect(tab.status.get()).toMatchObject({ pendingCount: 0, error: null })
  // Where every tab leads, it may look through an outbox that another tab has written to.
  await until(() => tab.status.get().state === 'idle')
}

describe('F25: Web Locks that never answer', () => {
  it('are given up after 5 s: the tab leads and syncs', async () => {
    const device = world.device('ann', { environment: { locks: deaf, clock: clockAt(Date.now) } })
    const startedAt = Date.now()
    await device.start()
    await until(() => device.status.get().isLeader)
    expect(Math.round((Date.now() - startedAt) / 1_000)).toBe(5)
    await device.db.todos.put({ id: '1', title: 'x' })
    await device.whenIdle()
  })

  it('leave every tab to itself, with nothing lost or told twice', async () => {
    const { openTab } = openBrowser(world)
    const tabs = [openTab({ locks: deaf }), openTab({ locks: deaf })]
    for (const tab of tabs) await tab.start()
    for (const tab of tabs) await until(() => leads(tab))
    await Promise.all(tabs.map((tab, index) => tab.db.todos.bulkPut([{ id: `t${index}`, title: 'x' }, { id: 'both', title: `${index}` }])))
    await Promise.all(tabs.map(tab => tab.whenIdle()))
    expect(await tabs[0]!.conflicts.list()).toEqual([])
  })

  it('in one tab alone tell all tabs that nobody is the only one, those that come later, too', async () => {
    const { openTab } = openBrowser(world)
    const broken = openTab({ locks: deaf })
    await broken.start()
    await until(() => leads(broken))
    const later = [openTab(), openTab()]
    for (const tab of later) await tab.start()
    for (const tab of later) await until(() => leads(tab))
    for (const tab of [broken, ...later]) await expectSent(tab, 'x')
    expect(leads(broken)).toBe(true)
  })

  it('in one tab alone make it a follower while another one leads, and a leader when that one has gone', async () => {
    const { openTab } = openBrowser(world)
    const leader = openTab()
    await leader.start()
    await until(() => leads(leader))
    const broken = openTab({ locks: deaf })
    await broken.start()
    await expectSent(broken, '1')
    // Longer than the doubt lasts on this clock.
    await new Promise(resolve => setTimeout(resolve, 250))
    expect([leads(leader), leads(broken)]).toEqual([true, false])
    await leader.close()
    await until(() => leads(broken))
    await expectSent(broken, '2')
  })

  it('and answer after all give the lock back: the tab leads as it did', async () => {
    const granted: (() => Promise<void>)[] = []
    const { openTab } = openBrowser(world)
    const tab = openTab({ locks: { request: (_name, _options, callback) => new Promise(() => { granted.push(callback) }) } })
    await tab.start()
    await until(() => leads(tab))
    for (const callback of granted) await callback()
    await expectSent(tab, '1')
    expect(leads(tab)).toBe(true)
  })

  it('stop and start again with the engine', async () => {
    const { openTab } = openBrowser(world)
    const tab = openTab({ locks: deaf })
    await tab.start()
    await tab.stop()
    await tab.start()
    await until(() => leads(tab))
    await tab.stop()
    expect(leads(tab)).toBe(false)
    await tab.start()
    expect(leads(tab), 'they are not asked a second time').toBe(true)
  })
})

describe('F25: Web Locks that refuse', () => {
  it.each([
    ['a plain error', refusing(() => new Error('no'))], ['a SecurityError', refusing(() => new DOMException('no', 'SecurityError'))],
    ['an AbortError', refusing(() => new DOMException('no', 'AbortError'))], ['an error that is thrown', throwing],
  ])('are given up at once, and leave the page its turns: %s', async (_what, locks) => {
    const device = world.device('ann', { environment: { locks } })
    await device.start()
    await new Promise(resolve => setTimeout(resolve, 0))
    await until(() => device.status.get().isLeader)
    await device.db.todos.put({ id: '1', title: 'x' })
    await device.whenIdle()
  })

  it('later on, when they have worked before, are given up as well', async () => {
    let isBroken = false
    let break_ = () => {}
    const { openTab } = openBrowser(world)
    const tab = openTab({
      locks: {
        request: (_name, _options, callback) => isBroken
          ? Promise.reject(new Error('no'))
          : Promise.race([callback(), new Promise<never>((_, reject) => { break_ = () => reject(new DOMException('stolen', 'AbortError')) })]),
      },
    })
    await tab.start()
    await expectSent(tab, '1')
    isBroken = true
    break_()
    await until(() => !leads(tab) || tab.status.get().state === 'idle')
    await expectSent(tab, '2')
    await until(() => leads(tab))
  })
})
