import { afterEach, describe, expect, it } from 'vitest'
import { holdPulls, holdPushes, kill, names, openPair, textOf, viewOf, type Pair, type View } from '../../../support/consistent-history'
import { appVersion, put, remove } from '../../../support/history'
import { RESTORABLE_STORES, STORES } from '../../../support/history-stores'

const DAY = 24 * 3_600_000
let pair: Pair
afterEach(() => pair.history.close())

const draft = (pk: string) => put(pk, { tableName: 'drafts' })
const numberOf = (view: View, key: string) => Number(view.rows.get(key)?.slice(1) ?? 0)

describe.each(STORES)('a device that has been away for too long and comes back with one more table, on %s', (_, store) => {
  it('says that it is consistent only when everything is fetched, though transactions across both tables are written meanwhile', async () => {
    pair = await openPair({ store, pageRows: 4 })
    const { history, two, a } = pair
    const pairs = names('p', 8)
    /** Writes each pair anew: the draft is the edit after the item. */
    const writePairs = async (which: readonly string[]) => { for (const name of which) await history.edit(a, put(name), draft(name)) }
    await history.reopen(two, appVersion(1, ['items']))
    await writePairs(pairs)
    await history.rest()
    kill(two)
    history.world.time.jump(8 * DAY)
    await history.world.run(60_000)
    await writePairs(pairs)
    const views = history.watch(two)
    const b = two.open({ schema: appVersion(2, ['items', 'drafts']) })
    const pull = b.provider.pull.bind(b.provider)
    let pulls = 0
    b.provider.pull = async (request) => {
      const page = await pull(request)
      if (pulls++ < 12) await a.edit([put(pairs[pulls * 3 % 8]!), draft(pairs[pulls * 3 % 8]!)])
      return page
    }
    await history.end()
    expect(two.rescans).toBe(1)
    const isWhole = (view: View, name: string) => numberOf(view, `drafts/${name}`) === numberOf(view, `items/${name}`) + 1
    const complete = views.filter(({ rows }) => [...rows.keys()].some(key => key.startsWith('drafts/')))
    expect(complete.filter(({ isConsistent }) => isConsistent).flatMap(view => pairs.filter(name => !isWhole(view, name)))).toEqual([])
    expect(complete.some(view => !view.isConsistent && pairs.some(name => !isWhole(view, name))), 'and that was needed').toBe(true)
    expect(complete.at(-1)).toMatchObject({ isConsistent: true, rows: { size: 16 } })
  })
})

describe.each(STORES)('a row that is edited elsewhere while everything is fetched again, on %s', (_, store) => {
  it('stays in sight, although it has moved away before the walk came to its old place', async () => {
    pair = await openPair({ store, pageRows: 4 })
    const { history, one, two, a, b } = pair
    const rows = names('p', 8)
    await history.deliver(a, ...rows.map(name => put(name)))
    await history.rest()
    const views = history.watch(two)
    const held = holdPulls(b, { after: 1 })
    void b.engine.rescan()
    await history.until(() => held.waiting === 1)
    await history.deliver(a, put('p0000'))
    await history.deliver(a, remove('p0001'))
    held.open()
    await history.end()
    expect(two.rescans).toBe(1)
    expect(views.map(({ isConsistent, rows }) => [isConsistent, rows.get('items/p0000'), rows.has('items/p0001')])).toEqual([
      [true, 'e1', true], [false, 'e1', true], [false, 'e9', false], [true, 'e9', false],
    ])
    expect(textOf(viewOf(two))).toBe(textOf(viewOf(one)))
  })

  it('stays in sight, although the store no longer has the history since the walk began', async () => {
    pair = await openPair({ store, pageRows: 4 })
    const { history, two, a, b } = pair
    await history.deliver(a, ...names('p', 8).map(name => put(name)))
    await history.rest()
    const views = history.watch(two)
    const held = holdPulls(b, { after: 1 })
    void b.engine.rescan()
    await history.until(() => held.waiting === 1)
    await history.deliver(a, put('p0000'))
    const pull = b.provider.pull.bind(b.provider)
    let isForgotten = true
    b.provider.pull = async (request) => {
      if (request.bootstrap || !isForgotten) return await pull(request)
      isForgotten = false
      return { changes: [], nextCursor: request.cursor, hasMore: false, requiresRescan: true }
    }
    held.open()
    await history.end()
    expect(isForgotten).toBe(false)
    expect(views.map(({ rows }) => rows.get('items/p0000')?.slice(0, 2)).every(text => text !== undefined), 'it was never out of sight').toBe(true)
    expect(views.at(-1)).toMatchObject({ isConsistent: true, rows: { size: 8 } })
    expect(views.at(-1)!.rows.get('items/p0000')).toBe('e9')
  })

  it('is not taken for one that the store has lost, although the walk has read it before and after the edit', async () => {
    pair = await openPair({ store, pageRows: 4 })
    const { history, two, a, b } = pair
    const rows = names('p', 8)
    await history.deliver(a, ...rows.map(name => put(name)))
    await history.rest()
    const pushed: string[] = []
    const push = b.provider.push.bind(b.provider)
    b.provider.push = (batch) => {
      pushed.push(...batch.ops.map(({ pk }) => pk))
      return push(batch)
    }
    // In which order the two readings are found again is left to chance, each time anew.
    for (let time = 0; time < 6; time++) {
      const held = holdPulls(b, { after: 1 })
      void b.engine.rescan()
      await history.until(() => held.waiting === 1)
      await history.deliver(a, put('p0007'))
      held.open()
      await history.rest()
    }
    await history.end()
    expect([two.rescans, pushed]).toEqual([6, []])
  })
})

describe.each(RESTORABLE_STORES)('a store that was restored, on %s', (_, store) => {
  it('gets what it lost from two devices, in different orders, with what they had not sent: both end equal, and from then on transactions are whole again', async () => {
    pair = await openPair({ store })
    const { history, one, two, a, b } = pair
    await history.deliver(a, put('a'), put('b'))
    await history.rest()
    const restore = history.world.backUp()!
    await history.deliver(a, put('a'), put('b'))
    await history.level(two)
    await history.deliver(b, put('b'), put('c'))
    await history.level(one)
    await history.deliver(a, put('c'), put('d'))
    await history.rest()
    // Ann has a transaction that waits, and so has Bob. Bob is the first to send again.
    one.setOnline(false)
    await history.edit(a, put('d'), put('e'))
    two.setOnline(false)
    await history.edit(b, put('a'), put('f'))
    await history.world.finish(restore())
    const pushes = holdPushes(a)
    two.setOnline(true)
    await history.until(() => !two.outbox().length && !two.bootstrap())
    one.setOnline(true)
    await history.until(() => pushes.waiting === 1 || history.isLevel(one))
    pushes.open()
    await history.end()
    const all = 'items/a:e11 items/b:e5 items/c:e7 items/d:e9 items/e:e10 items/f:e12'
    expect([textOf(viewOf(one)), textOf(viewOf(two))]).toEqual([all, all])
    // Bob's edit was made upon one that the restored store did not have. So the store cannot tell that he knew the one that it had.
    expect([one, two].map(device => device.conflicts().map(({ local, remote }) => [local.row?.edit, remote.row?.edit]))).toEqual([[], [['e11', 'e1']]])
    const views = [history.watch(one), history.watch(two)]
    await history.deliver(a, put('a'), put('f'))
    await history.rest()
    await history.deliver(b, put('d'), put('e'))
    await history.end()
    const [first, second] = ['items/a:e13 items/b:e5 items/c:e7 items/d:e9 items/e:e10 items/f:e14', 'items/a:e13 items/b:e5 items/c:e7 items/d:e15 items/e:e16 items/f:e14']
    expect(views.map(seen => seen.map(textOf))).toEqual([[all, first, second], [all, first, second]])
  })
})
