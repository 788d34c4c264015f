import { afterEach, describe, expect, it } from 'vitest'
import type { SyncChange } from 'or3-sync/client'
import type { SimTab } from '../../../../src/testing/simulation/sim-tab'
import { kill, names, openPair, textOf, type Pair } from '../../../support/consistent-history'
import { put } from '../../../support/history'
import { STORES } from '../../../support/history-stores'

let pair: Pair
afterEach(() => pair.history.close())

/** What a provider after the skeleton of the docs does: changes come without their place in the feed, one at a time, and pages tell nothing but themselves. */
function makeSkeleton({ provider }: SimTab): void {
  const [pull, subscribe] = [provider.pull.bind(provider), provider.subscribe.bind(provider)]
  provider.pull = async (request) => {
    const { changes, nextCursor, hasMore } = await pull(request)
    return { changes, nextCursor, hasMore } as Awaited<ReturnType<typeof pull>>
  }
  provider.subscribe = (scope, tables, onChanges, options) => subscribe(scope, tables, async (changes: SyncChange[]) => {
    for (const change of changes) await onChanges([change])
  }, options)
}

describe.each(STORES)('on %s', (_, store) => {
  it('a transaction of 1,000 rows comes in several pages of a stream that breaks between them: it is shown at once', async () => {
    pair = await openPair({ store, pageRows: 150 })
    const { history, two, a, b } = pair
    await history.bulkPut(a, names('m', 1_000))
    await history.rest()
    const views = history.watch(two)
    const pages = () => history.world.lines.filter(line => line.includes('d2.1 gets 150 changes')).length
    const before = pages()
    await history.bulkPut(a, names('m', 1_000))
    await history.until(() => pages() === before + 3)
    b.provider.disconnect()
    await history.end()
    expect(views.map(({ isConsistent, rows }) => [isConsistent, rows.get('items/m0000'), rows.get('items/m0999')])).toEqual([[true, 'e1', 'e1000'], [true, 'e1001', 'e2000']])
    expect(history.world.lines.some(line => line.includes('edits in')), 'it was one push').toBe(false)
  }, 30_000)

  it('a provider after the skeleton of the docs hands over changes one by one: what is shown of a transaction in part is not called consistent', async () => {
    pair = await openPair({ store })
    const { history, two, a } = pair
    kill(two)
    makeSkeleton(two.open())
    await history.rest()
    const views = history.watch(two)
    await history.deliver(a, put('a'), put('b'))
    await history.end()
    await history.deliver(a, put('a'), put('b'))
    await history.end()
    const both = (first: number) => `items/a:e${first} items/b:e${first + 1}`
    expect(views.map(textOf)).toEqual([
      '', 'not consistent: ', 'not consistent: items/a:e1', `not consistent: ${both(1)}`, both(1),
      `not consistent: ${both(1)}`, 'not consistent: items/a:e3 items/b:e2', `not consistent: ${both(3)}`, both(3),
    ])
  })
})
