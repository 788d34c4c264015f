import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openPair, textOf, viewOf, type Pair } from '../../../support/consistent-history'
import { appVersion, put } from '../../../support/history'
import { STORES } from '../../../support/history-stores'

let pair: Pair
afterEach(() => pair.history.close())

const draft = (pk: string, more: { hold?: boolean, secret?: boolean } = {}) => put(pk, { tableName: 'drafts', ...more })
/** Bob's app cannot read edits of two digits. */
const narrow = z.object({ id: z.string(), edit: z.string().max(2), parent: z.string().nullable() }).catchall(z.unknown())
const narrowApp = appVersion(1, ['items', 'drafts'], { items: { schema: narrow as never } })
/** The next version holds nothing back: it makes drafts that wait ready. */
const releasingApp = appVersion(2, ['items', 'drafts'], { drafts: { upgradeRow: row => row.hold ? { ...row, hold: false } : row } })

describe.each(STORES)('a transaction of which a part is kept back, on %s', (_, store) => {
  it('with a row that is held: the others go without it, and the app\'s next version releases it', async () => {
    pair = await openPair({ store })
    const { history, one, two, a } = pair
    const views = history.watch(two)
    await history.deliver(a, put('a'), draft('h', { hold: true }), put('b'))
    await history.level(two)
    expect([textOf(viewOf(two)), one.outbox().map(({ status }) => status)]).toEqual(['items/a:e1 items/b:e3', ['held']])
    // Between the upgrade of the row and the moment at which a tab takes the lead, the entry is still held.
    history.world.checks.privacy.afterStep = () => {}
    await history.reopen(one, releasingApp)
    await history.end()
    expect(views.map(textOf)).toEqual(['', 'items/a:e1 items/b:e3', 'drafts/h:e2 items/a:e1 items/b:e3'])
    expect(views.every(({ isConsistent }) => isConsistent)).toBe(true)
  })

  it('with a row that is private: the others go without it, and it follows once it is public', async () => {
    pair = await openPair({ store })
    const { history, one, two, a } = pair
    const views = history.watch(two)
    await history.deliver(a, put('a'), draft('s', { secret: true }), put('b'))
    await history.level(two)
    expect(one.outbox()).toEqual([])
    const next = await history.reopen(one, releasingApp)
    await history.deliver(next, draft('s'), put('c'))
    await history.end()
    expect(views.map(textOf)).toEqual(['', 'items/a:e1 items/b:e3', 'drafts/s:e4 items/a:e1 items/b:e3 items/c:e5'])
  })

  it('with a row that the reader\'s app cannot read: it shows the others, and the row once its next version can', async () => {
    pair = await openPair({ store })
    const { history, two, a } = pair
    await history.reopen(two, narrowApp)
    await history.rest()
    const views = history.watch(two)
    for (let count = 1; count < 9; count++) await history.deliver(a, draft('d'))
    // e9 to e11: only the middle one cannot be read.
    await history.deliver(a, put('a'), put('b'), draft('d'))
    await history.level(two)
    expect([textOf(viewOf(two)), two.quarantine().map(({ pk, reason }) => [pk, reason])]).toEqual(['drafts/d:e11 items/a:e9', [['b', 'schema']]])
    await history.reopen(two, releasingApp)
    await history.end()
    expect(views.slice(-2).map(textOf)).toEqual(['drafts/d:e11 items/a:e9', 'drafts/d:e11 items/a:e9 items/b:e10'])
    expect(views.every(({ isConsistent }) => isConsistent)).toBe(true)
    expect(two.quarantine()).toEqual([])
  })
})
