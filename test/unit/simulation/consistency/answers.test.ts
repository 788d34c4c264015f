import { afterEach, describe, expect, it } from 'vitest'
import type { SimDevice } from '../../../../src/testing/simulation/sim-device'
import type { SimTab } from '../../../../src/testing/simulation/sim-tab'
import { ConsistentHistory, holdFeed, holdPushes, refusePushes, textOf, viewOf, type ConsistentHistoryOptions, type View } from '../../../support/consistent-history'
import { put, remove } from '../../../support/history'
import { STORES } from '../../../support/history-stores'

let history: ConsistentHistory
let one: SimDevice
let two: SimDevice
let a: SimTab
let b: SimTab
let views: View[]
afterEach(() => history.close())

/** Both devices have a and b, as Ann has written them in one transaction. */
async function begin(options: ConsistentHistoryOptions): Promise<void> {
  history = new ConsistentHistory(options)
  one = history.device('ann')
  two = history.device('bob')
  a = one.open()
  b = two.open()
  await history.rest()
  await history.deliver(a, put('a'), put('b'))
  await history.rest()
  views = history.watch(two)
}

const conflicts = (device: SimDevice) => device.conflicts().map(({ local, remote, winner }) => `${local.row?.edit} met ${remote.row?.edit}, ${winner} wins`)
const unsent = (device: SimDevice) => device.outbox().flatMap(({ status, ops }) => ops.map(({ pk }) => `${pk} ${status}`))

describe.each(STORES)('the answer to a push, on %s', (_, store) => {
  it('names a winner that is one of two rows of a transaction: it is shown with the other one, and until then the edit waits', async () => {
    await begin({ store })
    const feed = holdFeed(b)
    const pushes = holdPushes(b)
    await history.edit(b, put('a'))
    for (const edits of [[put('a'), put('b')], [put('a'), put('b')]]) await history.deliver(a, ...edits)
    pushes.open()
    await history.world.run(20_000)
    expect([textOf(viewOf(two)), unsent(two), history.world.oracle.refused]).toEqual(['items/a:e3 items/b:e2', ['a pending'], 0])
    feed.open()
    await history.end()
    expect(views.map(textOf)).toEqual(['items/a:e1 items/b:e2', 'items/a:e3 items/b:e2', 'items/a:e6 items/b:e7'])
    expect([conflicts(one), conflicts(two), unsent(two)]).toEqual([[], ['e3 met e6, remote wins'], []])
  })

  it('was lost, and that to the repeat brings the tombstone of a transaction that also wrote another row', async () => {
    await begin({ store })
    const feed = holdFeed(b)
    b.provider.losePushReplies = 1
    await history.edit(b, put('a'))
    await history.untilApplied(3)
    const pushes = holdPushes(b)
    await history.level(one)
    await history.deliver(a, remove('a'), put('c'))
    pushes.open()
    await history.world.run(60_000)
    expect([textOf(viewOf(two)), unsent(two)]).toEqual(['items/a:e3 items/b:e2', []])
    feed.open()
    await history.end()
    expect(views.map(textOf)).toEqual(['items/a:e1 items/b:e2', 'items/a:e3 items/b:e2', 'items/b:e2 items/c:e5'])
    expect([conflicts(one), conflicts(two)]).toEqual([[], []])
  })
})

describe.each(STORES)('an unsent edit of one of two rows, on %s', (_, store) => {
  it('that stands above a transaction of both, and then below the next one', async () => {
    await begin({ store })
    const pushes = refusePushes(b)
    await history.edit(b, put('a'))
    await history.edit(b, put('a'))
    await history.deliver(a, put('a'), put('b'))
    await history.until(() => viewOf(two).rows.get('items/b') === 'e6')
    expect([textOf(viewOf(two)), unsent(two)]).toEqual(['items/a:e4 items/b:e6', ['a pending', 'a pending']])
    await history.deliver(a, put('a'), put('b'))
    await history.until(() => viewOf(two).rows.get('items/b') === 'e8')
    expect([textOf(viewOf(two)), unsent(two)]).toEqual(['items/a:e7 items/b:e8', []])
    pushes.open()
    await history.end()
    expect(views.map(textOf).slice(2)).toEqual(['items/a:e4 items/b:e2', 'items/a:e4 items/b:e6', 'items/a:e7 items/b:e8'])
    expect([conflicts(one), conflicts(two)]).toEqual([[], ['e4 met e5, local wins', 'e4 met e7, remote wins']])
  })
})
