import { describe, expect, it } from 'vitest'
import { JoinedPages } from '#or3-sync/core/sync/pull/joined-pages'
import { todoAt } from '../../../support/growing-store'

const titles = (joined: JoinedPages) => joined.whole().changes.map(({ payload }) => payload?.title)

describe('pages that are joined', () => {
  it('hold the newest revision of each record, whichever came last', () => {
    const joined = new JoinedPages()
    joined.add({ changes: [todoAt(1, 'a'), todoAt(5, 'b')], page: { from: 0, nextCursor: 5 } })
    joined.add({ changes: [todoAt(6, 'a'), todoAt(4, 'b')], page: { from: 5, nextCursor: 6 } })
    expect(titles(joined)).toEqual(['a6', 'b5'])
  })

  it('reach from the first page to the end of the last', () => {
    const joined = new JoinedPages()
    joined.add({ changes: [todoAt(3, 'a')], page: { from: 2, nextCursor: 3, mark: 'm1', asked: 'm0' } })
    joined.add({ changes: [todoAt(4, 'a')], page: { from: 3, nextCursor: 4, mark: 'm2', asked: 'm1' } })
    expect(joined.whole().page).toMatchObject({ from: 2, nextCursor: 4, mark: 'm2', asked: 'm0,m1' })
    expect(joined.upTo).toBe(4)
  })

  it('do not take a page with a gap before it, with more behind it, or without a place', () => {
    const joined = new JoinedPages()
    joined.add({ changes: [todoAt(1, 'a')], page: { from: 0, nextCursor: 1 } })
    expect(joined.add({ changes: [todoAt(3, 'a')], page: { from: 2, nextCursor: 3 } })).toBe(false)
    expect(joined.add({ changes: [todoAt(2, 'a')], page: { from: 1, nextCursor: 2, hasMore: true } })).toBe(false)
    expect(joined.add({ changes: [todoAt(2, 'a')] })).toBe(false)
    expect(titles(joined)).toEqual(['a1'])
  })

  it('are too much above 2,000 records', () => {
    const joined = new JoinedPages()
    const page = { changes: Array.from({ length: 2_000 }, (_, n) => todoAt(n + 1, `k${n}`)), page: { from: 0, nextCursor: 2_000 } }
    const next = { changes: [todoAt(2_001, 'another')], page: { from: 2_000, nextCursor: 2_001 } }
    joined.add(page)
    expect(joined.isTooMuch(page)).toBe(false)
    joined.add(next)
    expect(joined.isTooMuch(next)).toBe(true)
  })
})
