import { afterEach, describe, expect, it } from 'vitest'
import { kill, names, openPair, viewOf, type Pair } from '../../../support/consistent-history'
import { put } from '../../../support/history'
import { STORES } from '../../../support/history-stores'

let pair: Pair
afterEach(() => pair.history.close())

/** The app is told that a transaction goes in parts. */
const splits = () => pair.history.world.lines.flatMap(line => /sends \d+ edits in \d+ parts/.exec(line) ?? [])
const isOnline = () => pair.one.setOnline(true)

describe.each(STORES)('transactions that were made offline, on %s', (_, store) => {
  it('400 of three rows each: no other device sees one in part', async () => {
    pair = await openPair({ store })
    const { history, one, two, a } = pair
    const views = history.watch(two)
    one.setOnline(false)
    const groups = names('group', 400)
    await history.editAll(a, groups.map(name => ['x', 'y', 'z'].map(row => put(`${name}${row}`))))
    isOnline()
    await history.end()
    const torn = views.flatMap(({ rows }) => groups.filter(name => ![0, 3].includes(['x', 'y', 'z'].filter(row => rows.has(`items/${name}${row}`)).length)))
    expect([torn, viewOf(two).rows.size, splits()]).toEqual([[], 1_200, []])
    expect(views.every(({ isConsistent }) => isConsistent)).toBe(true)
    expect(views.length, 'they came in several pushes').toBeGreaterThan(2)
  }, 60_000)

  it('1,200 of a message and its thread each, cut off after the first part: the rest is sent after the return', async () => {
    pair = await openPair({ store })
    const { history, one, two, a } = pair
    one.setOnline(false)
    await history.editAll(a, names('m', 1_200).map(name => [put(name), put('thread')]))
    isOnline()
    await history.untilApplied(1)
    kill(one)
    const { applied } = history.world.oracle
    expect(applied).toBeLessThan(1_201)
    // Nothing is promised of these transactions yet. The thread, which all share, is there in its newest state.
    await history.until(() => viewOf(two).rows.size === applied)
    expect(viewOf(two).rows.get('items/thread')).toBe('e2400')
    const views = history.watch(two)
    one.open()
    await history.end()
    // The answer to the first part was lost, so it is sent again.
    expect(splits()).toEqual(['sends 1201 edits in 3 parts', 'sends 1201 edits in 3 parts'])
    expect(views.at(-1)).toMatchObject({ isConsistent: true, rows: { size: 1_201 } })
    expect(two.conflicts()).toEqual([])
  }, 60_000)

  it('a row, 5,000 others, and the row again, cut off after the first part: the row is there in its newest state, and the rest is sent after the return', async () => {
    pair = await openPair({ store })
    const { history, one, two, a } = pair
    one.setOnline(false)
    await history.edit(a, put('x'))
    await history.bulkPut(a, names('m', 5_000))
    await history.edit(a, put('x'))
    isOnline()
    await history.untilApplied(1)
    kill(one)
    const { applied } = history.world.oracle
    expect(applied).toBeLessThan(5_001)
    await history.until(() => viewOf(two).rows.size === applied)
    expect(viewOf(two).rows.get('items/x')).toBe('e5002')
    const views = history.watch(two)
    one.open()
    await history.end()
    expect(splits()).toEqual(['sends 5001 edits in 11 parts', 'sends 5001 edits in 11 parts'])
    expect(views.at(-1)).toMatchObject({ isConsistent: true, rows: { size: 5_001 } })
    expect(two.conflicts()).toEqual([])
  }, 60_000)
})
