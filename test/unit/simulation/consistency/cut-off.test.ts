import { afterEach, describe, expect, it } from 'vitest'
import type { SimTab } from '../../../../src/testing/simulation/sim-tab'
import { holdPulls, kill, names, openPair, textOf, viewOf, type Pair, type View } from '../../../support/consistent-history'
import { put, remove, shown } from '../../../support/history'
import { RESTORABLE_STORES, STORES } from '../../../support/history-stores'

const DAY = 24 * 3_600_000
let pair: Pair
afterEach(() => pair.history.close())

const rows = names('m', 10)
/** How many rows each view has, and of how many transactions. */
const told = ({ isConsistent, rows }: View) => [isConsistent, rows.size, new Set(Array.from(rows.values(), edit => Math.ceil(Number(edit.slice(1)) / 10))).size]
/** Bob opens a tab, which gets so many pages and no more. */
async function readPages(pages: number): Promise<SimTab> {
  const tab = pair.two.open()
  const held = holdPulls(tab, { after: pages })
  await pair.history.until(() => held.waiting === 1)
  return tab
}

describe.each(STORES)('a device that reads a transaction in pages, on %s', (_, store) => {
  it('and is killed before the last one, twice: reads page by page from then on, shows offline what it has, and says that this is not consistent', async () => {
    pair = await openPair({ store, pageRows: 3 })
    const { history, two, a } = pair
    await history.deliver(a, ...rows.map(name => put(name)))
    await history.rest()
    kill(two)
    const views = history.watch(two)
    await history.deliver(a, ...rows.map(name => put(name)))
    for (const time of [1, 2]) {
      await readPages(2)
      kill(two)
      expect([told(viewOf(two)), two.cursor()!.cutOffs]).toEqual([[true, 10, 1], time])
    }
    await readPages(2)
    kill(two)
    expect(told(viewOf(two))).toEqual([false, 10, 2])
    two.setOnline(false)
    two.open()
    await history.world.run(60_000)
    expect([told(viewOf(two)), two.tabs[0]!.engine.status.get().consistent]).toEqual([[false, 10, 2], false])
    two.setOnline(true)
    await history.end()
    expect(views.filter(({ isConsistent }) => isConsistent).map(told)).toEqual([[true, 10, 1], [true, 10, 1]])
    expect(two.cursor()).toMatchObject({ consistent: true, cutOffs: 0 })
  })

  it('in two tabs of a browser without Web Locks: neither shows a part', async () => {
    pair = await openPair({ store, pageRows: 3 })
    const { history, a } = pair
    const three = history.world.device({ userId: 'cem', hasLocks: false })
    const [first, second] = [three.open(), three.open()]
    await history.rest()
    const views = history.watch(three)
    await history.deliver(a, ...rows.map(name => put(name)))
    await history.rest()
    // One tab is in the middle of the step while the other one reads all of it.
    const held = holdPulls(first, { after: 2 })
    for (const tab of [first, second]) tab.provider.disconnect()
    await history.deliver(a, ...rows.map(name => put(name)))
    await history.until(() => held.waiting === 1)
    await history.until(() => shown(three)[0] === 'items/m0000:e11')
    held.open()
    await history.deliver(a, ...rows.map(name => put(name)))
    await history.end()
    expect(views.filter(({ isConsistent }) => isConsistent).map(told)).toEqual([[true, 0, 0], [true, 10, 1], [true, 10, 1], [true, 10, 1]])
  })
})

describe.each(RESTORABLE_STORES)('between two pages of a level step, on %s', (_, store) => {
  it('the store collects the tombstones that the step would have brought: everything is fetched again', async () => {
    pair = await openPair({ store, pageRows: 3 })
    const { history, one, two, a } = pair
    await history.deliver(a, ...rows.map(name => put(name)))
    await history.rest()
    kill(two)
    const views = history.watch(two)
    await history.deliver(a, ...rows.slice(2, 6).map(name => put(name)))
    const tab = two.open()
    const held = holdPulls(tab, { after: 1 })
    await history.until(() => held.waiting === 1)
    await history.deliver(a, ...rows.slice(0, 5).map(name => remove(name)))
    // Longer than tombstones are kept, and the request waits all the same.
    two.freeze(tab)
    history.world.time.jump(31 * DAY)
    await history.world.run(3_600_000)
    await history.level(one)
    await history.world.finish(history.world.pump.outside(history.world.gateway.gc()))
    held.open()
    two.thaw(tab)
    await history.end()
    expect(two.rescans).toBe(1)
    expect(views.filter(({ isConsistent }) => isConsistent).map(({ rows }) => rows.size)).toEqual([10, 5])
    expect(shown(two)).toEqual(shown(one))
  })

  it('the store is restored: what it lost is sent to it again, and all of it is shown', async () => {
    pair = await openPair({ store, pageRows: 3 })
    const { history, one, two, a } = pair
    await history.deliver(a, ...rows.map(name => put(name)))
    await history.rest()
    const restore = history.world.backUp()!
    kill(two)
    const views = history.watch(two)
    await history.deliver(a, ...rows.map(name => put(name)))
    const held = holdPulls(two.open(), { after: 1 })
    await history.until(() => held.waiting === 1)
    await history.world.finish(restore())
    held.open()
    await history.end()
    expect([one.rescans, two.rescans]).toEqual([1, 1])
    expect(views.some(({ isConsistent }) => !isConsistent)).toBe(true)
    expect([...viewOf(two).rows.values()]).toEqual(rows.map((_, index) => `e${index + 11}`))
    expect(textOf(viewOf(two))).toBe(textOf(viewOf(one)))
  })
})
