import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addCommit, newestMark } from '#or3-sync/shared/sync/store/commit-history'
import { closePage, NO_BOUND, openPage, pageFilter, pageStart, takesRow } from '#or3-sync/shared/sync/store/feed-page'
import type { FeedRequest, PageHead } from '#or3-sync/shared/sync/store/feed-page'

const COMMITS = addCommit([], 10, 1_760_000_000_000)
const STATE = { version: 10, gcFloor: 5, commits: COMMITS }
const ask = (request: Partial<FeedRequest> = {}): FeedRequest => ({ cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000, ...request })

describe('a page of the feed', () => {
  it.each<[string, Partial<FeedRequest>, boolean]>([
    ['upward from the floor', { cursor: 5 }, false],
    ['upward from below the floor', { cursor: 4 }, true],
    ['upward from below the floor without tombstones', { cursor: 0, bootstrap: true }, false],
    ['upward from the newest version', { cursor: 10 }, false],
    ['upward from above the newest version', { cursor: 11 }, true],
    ['upward from above the newest version without tombstones', { cursor: 11, bootstrap: true }, true],
    ['downward from the top', { order: 'desc', cursor: 0 }, false],
    ['downward from below the floor', { order: 'desc', cursor: 4 }, false],
    ['downward from right above the newest version', { order: 'desc', cursor: 11 }, false],
    ['downward from further above it', { order: 'desc', cursor: 12 }, true],
  ])('%s', (_, request, requiresRescan) => {
    expect(openPage(STATE, ask(request))).toEqual({ nextCursor: request.cursor ?? 0, hasMore: false, latestVersion: 10, requiresRescan, mark: newestMark(COMMITS) })
  })

  it('is refused to a reader with a mark that is not of this past, wherever they stand', () => {
    expect(openPage(STATE, ask({ cursor: 5, mark: newestMark(COMMITS) }))).toMatchObject({ requiresRescan: false })
    expect(openPage(STATE, ask({ cursor: 5, mark: '10.abc' }))).toMatchObject({ requiresRescan: true, restored: true, nextCursor: 5 })
    expect(openPage(STATE, ask({ cursor: 11 }))).not.toHaveProperty('restored')
  })

  it('names no commit where nobody has written', () => {
    expect(openPage({ version: 0, gcFloor: 0, commits: [] }, ask())).toEqual({ nextCursor: 0, hasMore: false, latestVersion: 0, requiresRescan: false })
  })

  it('begins at its cursor, and downward without one above everything', () => {
    expect([pageStart(ask()), pageStart(ask({ cursor: 3 })), pageStart(ask({ order: 'desc', cursor: 3 })), pageStart(ask({ order: 'desc' }))]).toEqual([0, 3, 3, NO_BOUND])
  })

  it('lets through the tables that are asked for, and tombstones upward only', () => {
    const rows = [{ tableName: 'todos', op: 'put' as const }, { tableName: 'todos', op: 'delete' as const }, { tableName: 'notes', op: 'put' as const }]
    const passing = (request: Partial<FeedRequest>) => rows.map(pageFilter(ask(request)))
    expect(passing({})).toEqual([true, true, true])
    expect(passing({ tables: ['todos'] })).toEqual([true, true, false])
    expect(passing({ tables: [] })).toEqual([false, false, false])
    expect(passing({ bootstrap: true })).toEqual([true, false, true])
    expect(passing({ order: 'desc', tables: ['todos'] })).toEqual([true, false, false])
  })

  it('takes rows up to its limits, and one whatever its size', () => {
    fc.assert(fc.property(fc.array(fc.nat(500), { minLength: 1 }), fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 1_000 }), (sizes, limit, maxBytes) => {
      const taken = { rows: 0, bytes: 0 }
      for (const size of sizes) {
        if (!takesRow(taken, size, { limit, maxBytes })) break
        taken.rows++
        taken.bytes += size
      }
      expect(taken.rows).toBeGreaterThanOrEqual(1)
      expect(taken.rows).toBeLessThanOrEqual(limit)
      if (taken.rows > 1) expect(taken.bytes).toBeLessThanOrEqual(maxBytes)
      const next = sizes[taken.rows]
      if (next !== undefined && taken.rows < limit) expect(taken.bytes + next).toBeGreaterThan(maxBytes)
    }))
  })

  it('ends where it was looked at; upward, where nothing follows, at the newest version', () => {
    const page: PageHead = openPage(STATE, ask({ cursor: 5 }))
    const end = (order: 'asc' | 'desc', hasMore: boolean) => closePage(page, { order }, { lookedAt: 7, hasMore })
    expect([end('asc', true), end('asc', false), end('desc', true), end('desc', false)].map(({ nextCursor, hasMore }) => [nextCursor, hasMore])).toEqual([[7, true], [10, false], [7, true], [7, false]])
    expect(end('asc', true)).toMatchObject({ latestVersion: 10, mark: newestMark(COMMITS) })
  })
})
