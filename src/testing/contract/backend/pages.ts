import { expect, it } from 'vitest'
import { acceptedOp, NOW } from '../make-op'
import type { StoreUnderTest } from './store-under-test'

/** Pages of the feed: which rows they hold, where they end, and when the answer is a rescan. */
export function describePages(store: StoreUnderTest): void {
  const { push, pull, brief } = store

  it('keeps one row per record, at its latest version', async () => {
    await push([{ pk: 'a' }, { pk: 'b' }])
    for (let clock = 2; clock < 30; clock++) await push([{ pk: 'a', clock }])
    const page = await pull()
    expect(brief(page.rows)).toEqual(['b2', 'a30'])
    expect(page).toMatchObject({ nextCursor: 30, hasMore: false, latestVersion: 30, requiresRescan: false })
  })

  it('answers a push of nothing with its version, and writes nothing', async () => {
    await push([{ pk: 'a' }])
    expect(await push([])).toMatchObject({ results: [], applied: 0, serverVersion: 1 })
    expect(brief((await pull()).rows)).toEqual(['a1'])
    expect(await push([], { workspaceId: 'nobody wrote here' })).toMatchObject({ results: [], applied: 0, serverVersion: 0 })
  })

  it('gives rows back as they came: text, revision, device', async () => {
    const op = acceptedOp({ pk: 'ключ 🗝', payload: { id: 'ключ 🗝', title: 'a\u0000b\u2028"\\', n: 1.5, deep: { list: [1, null, true] } } })
    await store.backend.push({ workspaceId: 'w1', userId: 'ada', items: [op], now: NOW })
    expect((await pull()).rows[0]).toMatchObject({ tableName: 'todos', pk: op.pk, op: 'put', payload: op.payload, stamp: op.stamp, serverVersion: 1 })
  })

  it('pages upward and downward, and says where it stopped', async () => {
    await push(['a', 'b', 'c', 'd', 'e'].map(pk => ({ pk })))
    expect(await pull({ limit: 2 })).toMatchObject({ nextCursor: 2, hasMore: true })
    expect(brief((await pull({ cursor: 2, limit: 3 })).rows)).toEqual(['c3', 'd4', 'e5'])
    expect(await pull({ cursor: 2, limit: 3 })).toMatchObject({ nextCursor: 5, hasMore: false })
    const down = await pull({ order: 'desc', limit: 2 })
    expect([brief(down.rows), down.nextCursor, down.hasMore]).toEqual([['e5', 'd4'], 4, true])
    const rest = await pull({ order: 'desc', cursor: down.nextCursor, limit: 3 })
    expect([brief(rest.rows), rest.hasMore]).toEqual([['c3', 'b2', 'a1'], false])
  })

  it('ends a page by its bytes, after one row at least', async () => {
    await push(['a', 'b', 'c'].map(pk => ({ pk, payload: { id: pk, title: 'é'.repeat(1_000) } })))
    expect(brief((await pull({ maxBytes: 10 })).rows)).toEqual(['a1'])
    expect(brief((await pull({ maxBytes: 4_500 })).rows)).toEqual(['a1', 'b2'])
    expect(await pull({ maxBytes: 4_500 })).toMatchObject({ nextCursor: 2, hasMore: true })
    expect(brief((await pull({ maxBytes: 2_500 })).rows), 'not a byte more').toEqual(['a1'])
  })

  it('pitfall 6: a pull of some tables moves its cursor only over what it looked at, and a table alone can be pulled from 0', async () => {
    await push([{ pk: 'a' }, { pk: 'n', table: 'notes' }, { pk: 'b' }, { pk: 'm', table: 'notes' }])
    const first = await pull({ tables: ['notes'], limit: 1 })
    expect([brief(first.rows), first.nextCursor, first.hasMore]).toEqual([['n2'], 2, true])
    expect(brief((await pull({ tables: ['notes'], cursor: first.nextCursor })).rows)).toEqual(['m4'])
    expect((await pull({ tables: ['notes'] })).nextCursor).toBe(4)
    expect(brief((await pull({ tables: ['todos'] })).rows)).toEqual(['a1', 'b3'])
  })

  it('leaves tombstones out of a bootstrap and of a walk down, not of a pull', async () => {
    await push([{ pk: 'a' }, { pk: 'b' }, { pk: 'a', op: 'delete', clock: 2 }])
    expect(brief((await pull({ bootstrap: true })).rows)).toEqual(['b2'])
    expect(await pull({ bootstrap: true })).toMatchObject({ nextCursor: 3 })
    expect(brief((await pull({ order: 'desc' })).rows)).toEqual(['b2'])
    expect((await pull()).rows[1]).toMatchObject({ pk: 'a', op: 'delete', payload: null })
  })

  it('asks for a rescan above its own version', async () => {
    await push([{ pk: 'a' }])
    expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true, hasMore: false })
    expect(await pull({ workspaceId: 'nobody wrote here', cursor: 1 })).toMatchObject({ requiresRescan: true, latestVersion: 0 })
    expect(await pull({ workspaceId: 'nobody wrote here' })).toMatchObject({ rows: [], requiresRescan: false, nextCursor: 0 })
  })

  it('F41: a page of few tables is found among many rows of others, upward and downward, and a page without any says so', async () => {
    const others = Array.from({ length: 40 }, (_, index) => ({ pk: `other-${index}` }))
    await push([{ pk: 'first', table: 'notes' }, ...others, { pk: 'last', table: 'notes' }])
    for (const order of ['asc', 'desc'] as const) {
      const found: string[] = []
      for (let place: number | undefined = 0; place !== undefined;) {
        const page: Awaited<ReturnType<typeof pull>> = await pull({ tables: ['notes'], order, cursor: place, limit: 1 })
        found.push(...page.rows.map(({ pk }) => pk))
        place = page.hasMore ? page.nextCursor : undefined
      }
      expect(found).toEqual(order === 'asc' ? ['first', 'last'] : ['last', 'first'])
    }
    expect(await pull({ tables: ['nothing'] })).toMatchObject({ rows: [], hasMore: false, nextCursor: 42 })
    expect(await pull({ tables: [] })).toMatchObject({ rows: [], hasMore: false, nextCursor: 42 })
    expect(await pull({ tables: ['nothing'], order: 'desc' })).toMatchObject({ rows: [], hasMore: false })
  })

  it('pitfall 31: workspaces know nothing of each other', async () => {
    const op = acceptedOp({ pk: 'a' })
    await store.backend.push({ workspaceId: 'w1', userId: 'ada', items: [op], now: NOW })
    const other = await store.backend.push({ workspaceId: 'w2', userId: 'ada', items: [op], now: NOW })
    expect(other).toMatchObject({ results: [{ success: true, applied: true, serverVersion: 1 }], applied: 1 })
    expect(await store.backend.latestVersion('w1')).toBe(1)
    expect(brief((await pull({ workspaceId: 'w2' })).rows)).toEqual(['a1'])
  })
}
