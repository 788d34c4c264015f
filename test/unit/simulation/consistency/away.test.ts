import { afterEach, describe, expect, it } from 'vitest'
import type { SimDevice } from '../../../../src/testing/simulation/sim-device'
import type { SimTab } from '../../../../src/testing/simulation/sim-tab'
import { ConsistentHistory, holdPulls, kill, names, textOf, type ConsistentHistoryOptions, type View } from '../../../support/consistent-history'
import { put } from '../../../support/history'
import { STORES } from '../../../support/history-stores'

let history: ConsistentHistory
let two: SimDevice
let a: SimTab
afterEach(() => history.close())

/** Bob has synced once, and is away. */
async function begin(options: ConsistentHistoryOptions): Promise<View[]> {
  history = new ConsistentHistory(options)
  const one = history.device('ann')
  two = history.device('bob')
  a = one.open()
  two.open()
  await history.rest()
  kill(two)
  return history.watch(two)
}

describe.each(STORES)('a device that was away, on %s', (_, store) => {
  describe('while a thread with its messages was written, and renamed afterwards', () => {
    /** How many messages each view has, and which edit of the thread. */
    const told = ({ isConsistent, rows }: View) => [isConsistent, rows.size - Number(rows.has('items/thread')), rows.get('items/thread')]

    async function away(messages: number): Promise<View[]> {
      const views = await begin({ store, pageRows: 500 })
      await history.deliver(a, put('thread'), ...names('m', messages).map(name => put(name)))
      await history.deliver(a, put('thread', { kind: 'update' }))
      two.open()
      await history.end()
      return views
    }

    it('is shown 2,500 messages page by page, and does not say that this is consistent before it is complete', async () => {
      const views = await away(2_500)
      expect(views.filter(({ isConsistent }) => isConsistent).map(told)).toEqual([[true, 0, undefined], [true, 2_500, 'e2502']])
      expect(views.map(told)).toContainEqual([false, 2_500, undefined])
    }, 60_000)

    it.each([[900, 'which the store got at once'], [1_800, 'which the store got in parts']])('is shown %i messages, %s, with their thread at once', async (messages) => {
      const views = await away(messages)
      expect(views.map(told)).toEqual([[true, 0, undefined], [true, messages, `e${messages + 2}`]])
    }, 60_000)
  })

  it.each([
    ['the first of its records is edited alone', [put('a')], 'items/a:e3 items/b:e2'],
    ['both are edited', [put('a'), put('b')], 'items/a:e3 items/b:e4'],
    ['the other one is edited with a new one', [put('b'), put('c')], 'items/a:e1 items/b:e3 items/c:e4'],
  ])('reads a transaction of which a page ends in the middle, and %s before it reads the next page', async (_, edits, end) => {
    const views = await begin({ store, pageRows: 1 })
    await history.deliver(a, put('a'), put('b'))
    const b = two.open()
    const held = holdPulls(b, { after: 1 })
    await history.until(() => held.waiting === 1)
    await history.deliver(a, ...edits)
    expect(views.map(textOf)).toEqual([''])
    held.open()
    await history.end()
    expect(views.map(textOf)).toEqual(['', end])
  })

  it('comes to a store that is written to so quickly that each page has more behind it: shows pages, and says so until the store is quiet', async () => {
    const rows = names('m', 600)
    const views = await begin({ store, pageRows: 500 })
    await history.deliver(a, ...rows.map(name => put(name)))
    const b = two.open()
    const pull = b.provider.pull.bind(b.provider)
    let pulls = 0
    b.provider.pull = async (request) => {
      const page = await pull(request)
      // Before the page is here, all rows are written again. So the next page is full again, too.
      if (++pulls < 6) {
        await a.edit(rows.map(name => put(name)))
        await new Promise<void>((resolve) => { history.world.time.schedule(2_000, null, resolve) })
      }
      return page
    }
    await history.end()
    expect(pulls).toBeGreaterThan(6)
    const last = Math.max(...Array.from(views.at(-1)!.rows.values(), edit => Number(edit.slice(1))))
    expect(views.filter(({ isConsistent }) => isConsistent).map(({ rows }) => rows.size)).toEqual([0, 600])
    expect([...views.at(-1)!.rows.values()].every(edit => Number(edit.slice(1)) > last - 600), 'all rows are of one transaction').toBe(true)
    expect(views.some(({ isConsistent, rows }) => !isConsistent && rows.size === 500), 'some pages showed a part of one').toBe(true)
  }, 60_000)
})
