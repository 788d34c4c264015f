import { afterEach, describe, expect, it } from 'vitest'
import type { SimDevice } from '../../../../src/testing/simulation/sim-device'
import { holdFeed, openPair, textOf, viewOf, type Pair } from '../../../support/consistent-history'
import { put } from '../../../support/history'
import { rejectingBackend, STORES, type OpenStore } from '../../../support/history-stores'

let pair: Pair
/** `pk` of the records of which the store refuses every edit by this user. */
let rejected: { pk: string, deviceId: string } | null = null
afterEach(() => {
  rejected = null
  return pair.history.close()
})

const unsent = (device: SimDevice) => device.outbox().flatMap(({ status, ops }) => ops.map(({ pk }) => `${pk} ${status}`))
const conflicts = (device: SimDevice) => device.conflicts().map(({ local, remote, winner }) => `${local.row?.edit} met ${remote.row?.edit}, ${winner} wins`)
const refusing = (open: OpenStore): OpenStore => () => rejectingBackend(open(), ({ pk, stamp }) => pk === rejected?.pk && stamp.deviceId === rejected.deviceId)
const reject = (pk: string, { deviceId }: SimDevice) => { rejected = { pk, deviceId: deviceId! } }

describe.each(STORES)('a row of a transaction that the store refuses, on %s', (_, store) => {
  it('does not hold the other one up, on which others build; tried again, it comes after it', async () => {
    pair = await openPair({ store: refusing(store) })
    const { history, one, two, a, b } = pair
    const views = history.watch(two)
    reject('a', one)
    await history.edit(a, put('a'), put('b'))
    await history.until(() => unsent(one).length === 1)
    expect(unsent(one)).toEqual(['a failed'])
    await history.level(two)
    await history.deliver(b, put('b'), put('c'))
    await history.level(two)
    await history.until(() => viewOf(one).rows.size === 3)
    rejected = null
    await history.world.finish(one.settleRefused('retry'))
    await history.end()
    expect(views.map(textOf)).toEqual(['', 'items/b:e2', 'items/b:e3 items/c:e4', 'items/a:e1 items/b:e3 items/c:e4'])
    expect(textOf(viewOf(one))).toBe('items/a:e1 items/b:e3 items/c:e4')
    expect([conflicts(one), conflicts(two)]).toEqual([[], []])
  })

  it('stays in sight on its own device beside what others wrote of it, and rises above that when it is tried again', async () => {
    pair = await openPair({ store: refusing(store) })
    const { history, one, two, a, b } = pair
    const views = history.watch(one)
    reject('a', one)
    await history.edit(a, put('a'), put('b'))
    await history.until(() => unsent(one).join() === 'a failed')
    await history.level(two)
    await history.deliver(b, put('a'), put('b'))
    await history.until(() => viewOf(one).rows.get('items/b') === 'e4')
    expect([textOf(viewOf(one)), textOf(viewOf(two))]).toEqual(['items/a:e1 items/b:e4', 'items/a:e3 items/b:e4'])
    rejected = null
    await history.world.finish(one.settleRefused('retry'))
    await history.end()
    expect(views.map(textOf)).toEqual(['', 'items/a:e1 items/b:e2', 'items/a:e1 items/b:e4'])
    expect(textOf(viewOf(two))).toBe('items/a:e1 items/b:e4')
    expect([conflicts(one), conflicts(two)]).toEqual([['e1 met e3, local wins'], []])
  })
})

describe.each(STORES)('a refused edit of one row, on %s', (_, store) => {
  it('does not hide the other rows of a transaction that wrote the row elsewhere; given up, it shows that one', async () => {
    pair = await openPair({ store: refusing(store) })
    const { history, two, a, b } = pair
    const views = history.watch(two)
    reject('a', two)
    await history.edit(b, put('a'))
    await history.until(() => unsent(two).join() === 'a failed')
    await history.deliver(a, put('a'), put('c'))
    await history.until(() => viewOf(two).rows.has('items/c'))
    expect([textOf(viewOf(two)), unsent(two)]).toEqual(['items/a:e1 items/c:e3', ['a failed']])
    await history.world.finish(two.settleRefused('discard'))
    await history.end()
    expect(views.map(textOf)).toEqual(['', 'items/a:e1', 'items/a:e1 items/c:e3', 'items/a:e2 items/c:e3'])
    expect(unsent(two)).toEqual([])
  })

  it('whose answer brought the store\'s row, given up before the feed has brought the rest of that row\'s transaction: shows it with the rest', async () => {
    pair = await openPair({ store: refusing(store) })
    const { history, two, a, b } = pair
    await history.deliver(a, put('a'), put('b'))
    await history.rest()
    const views = history.watch(two)
    const feed = holdFeed(b)
    await history.deliver(a, put('a'), put('b'))
    reject('a', two)
    await history.edit(b, put('a'))
    await history.until(() => unsent(two).join() === 'a failed')
    expect(two.outbox()[0]!.failure!.remote!.payload).toMatchObject({ edit: 'e3' })
    await history.world.finish(two.settleRefused('discard'))
    await history.world.run(5_000)
    expect([textOf(viewOf(two)), unsent(two)]).toEqual(['items/b:e2', []])
    feed.open()
    await history.end()
    // The row that the discard removes is missing until then. The store's row may not be shown alone.
    expect(views.map(textOf)).toEqual(['items/a:e1 items/b:e2', 'items/a:e5 items/b:e2', 'items/b:e2', 'items/a:e3 items/b:e4'])
  })
})

describe.each(STORES)('a transaction whose rows are stamped 299 and 301 s ahead, on %s', (_, store) => {
  it('is refused as a whole, stamped anew, and shown as a whole', async () => {
    pair = await openPair({ store })
    const { history, one, two, a } = pair
    const views = history.watch(two)
    const { journal } = history.world
    const [first, second] = ['a', 'b'].map(pk => journal.open({ tab: a.name, device: one.name, tableName: 'items', pk, op: 'put' }))
    const { items } = a.engine.db
    await history.world.finish(a.engine.db.transaction('rw', items, async () => {
      one.skew = 299_000
      await items.put({ id: 'a', edit: first!.id, parent: null })
      one.skew = 301_500
      await items.put({ id: 'b', edit: second!.id, parent: null })
    }))
    for (const edit of [first!, second!]) journal.close(edit, 'committed')
    await history.end()
    expect(history.world.oracle.refused).toBe(2)
    expect(views.map(textOf)).toEqual(['', 'items/a:e1 items/b:e2'])
    expect([...first!.opIds].length + [...second!.opIds].length, 'both have a new stamp').toBe(4)
  })
})

describe.each(STORES)('a row of a transaction that something on the way refuses, on %s', (_, store) => {
  it.each([['a proxy', { code: 'OVERSIZED', status: 413 }], ['a firewall', { code: 'UNKNOWN', status: 403 }]] as const)('by %s, then a total outage: the row waits, and no other transaction is torn', async (_, refusal) => {
    pair = await openPair({ store })
    const { history, one, two, a } = pair
    const { network } = history.world
    const views = history.watch(two)
    network.firewall = { text: '"pk":"b1"', refusal }
    for (const group of ['a', 'b', 'c']) await history.edit(a, ...[0, 1, 2].map(row => put(`${group}${row}`)))
    await history.until(() => one.outbox().some(({ ops }) => ops.some(({ aside }) => aside)) && one.outbox().length === 1)
    expect(unsent(one)).toEqual(['b1 pending'])
    network.refusal = { code: 'SERVER_ERROR', status: 503 }
    for (const group of ['d', 'e', 'f', 'g']) await history.edit(a, ...[0, 1, 2].map(row => put(`${group}${row}`)))
    await history.world.run(90_000)
    network.refusal = null
    await history.until(() => unsent(one).join() === 'b1 pending', 300_000)
    network.firewall = null
    one.wake()
    await history.end()
    const torn = views.flatMap(({ rows }) => ['a', 'c', 'd', 'e', 'f', 'g'].filter(group => ![0, 3].includes([0, 1, 2].filter(row => rows.has(`items/${group}${row}`)).length)))
    expect([torn, viewOf(two).rows.size]).toEqual([[], 21])
    expect(views.every(({ isConsistent }) => isConsistent)).toBe(true)
  })
})
