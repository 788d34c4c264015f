import { expect, it } from 'vitest'
import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import type { BackendList } from 'or3-sync/server'
import type { StoreUnderTest } from './store-under-test'

/** In the order of their code points. In UTF-16, U+FFFD and U+E000 come after the emoji. */
const KEYS = ['A', 'a', 'a-1', 'a-10', 'a-2', 'b', 'ä', '\uD7FF', '\uE000', '\uFFFD', '😀', '😀a', '😁', '\u{10FFFF}', '\u{10FFFF}\u{10FFFF}']

/** Contract 8b: `get` and `list`. */
export function describeServerReads(store: StoreUnderTest): void {
  const { push, write, get, list } = store
  const keys = async (request: Partial<BackendList> = {}) => (await list(request)).rows.map(({ pk }) => pk)
  const fill = () => push([...KEYS].reverse().map(pk => ({ pk })))

  it('reads one record as it is stored, and no deleted or foreign one', async () => {
    await push([{ pk: 'a', clock: 3 }, { pk: 'gone' }, { pk: 'gone', op: 'delete', clock: 2 }, { pk: 'n', table: 'notes' }])
    await push([{ pk: 'theirs' }], { workspaceId: 'w2' })
    expect(await get('a')).toMatchObject({ tableName: 'todos', pk: 'a', op: 'put', serverVersion: 1, payload: '{"id":"a","title":"title of a at 3"}', stamp: { clock: 3, deviceId: 'device-1' } })
    for (const pk of ['gone', 'n', 'theirs', 'never there']) expect(await get(pk)).toBeUndefined()
    expect(await get('a', { workspaceId: 'nobody wrote here' })).toBeUndefined()
  })

  it('lists a table without its deleted records, and an empty one', async () => {
    await push([{ pk: 'b' }, { pk: 'a' }, { pk: 'gone' }, { pk: 'gone', op: 'delete', clock: 2 }, { pk: 'n', table: 'notes' }])
    await push([{ pk: 'theirs' }], { workspaceId: 'w2' })
    expect(await list()).toMatchObject({ rows: [{ pk: 'a', serverVersion: 2 }, { pk: 'b', serverVersion: 1 }], hasMore: false })
    expect(await list({ tableName: 'tasks' })).toEqual({ rows: [], hasMore: false })
    expect(await list({ workspaceId: 'nobody wrote here' })).toEqual({ rows: [], hasMore: false })
  })

  it('lists keys in the order of their code points, both ways', async () => {
    await fill()
    expect(await keys()).toEqual(KEYS)
    expect(await keys({ order: 'desc' })).toEqual([...KEYS].reverse())
  })

  it.each(['asc', 'desc'] as const)('goes on after any key, page by page (%s)', async (order) => {
    await fill()
    const found: string[] = []
    for (let hasMore = true; hasMore;) {
      const page = await list({ order, limit: 4, after: found.at(-1) })
      found.push(...page.rows.map(({ pk }) => pk))
      hasMore = page.hasMore
    }
    expect(found).toEqual(order === 'asc' ? KEYS : [...KEYS].reverse())
    expect(await keys({ order, after: 'a-15' }), 'a key that is not there').toEqual(order === 'asc' ? KEYS.slice(4) : KEYS.slice(0, 4).reverse())
  })

  it('lists the keys that begin with a prefix', async () => {
    await fill()
    for (const prefix of ['', 'a', 'a-', 'a-1', '😀', '\uD7FF', '\uE000', '\uFFFD', '\u{10FFFF}', '\u{10FFFF}\u{10FFFF}', 'zz']) {
      const wanted = KEYS.filter(pk => pk.startsWith(prefix))
      expect(await keys({ prefix }), prefix).toEqual(wanted)
      expect(await keys({ prefix, order: 'desc' }), prefix).toEqual([...wanted].reverse())
    }
  })

  it('goes on within a prefix, from a key inside or outside of it', async () => {
    await fill()
    expect(await keys({ prefix: 'a-', after: 'a-1' })).toEqual(['a-10', 'a-2'])
    expect(await keys({ prefix: 'a-', after: 'a-2', order: 'desc' })).toEqual(['a-10', 'a-1'])
    expect(await keys({ prefix: 'a-', after: 'A' })).toEqual(['a-1', 'a-10', 'a-2'])
    expect(await keys({ prefix: 'a-', after: 'b', order: 'desc' })).toEqual(['a-2', 'a-10', 'a-1'])
    expect(await keys({ prefix: 'a-', after: 'b' })).toEqual([])
    expect(await keys({ prefix: 'a-', after: 'A', order: 'desc' })).toEqual([])
  })

  it('ends a list by its rows and by its bytes, after one row at least', async () => {
    await push(['a', 'b', 'c'].map(pk => ({ pk, payload: { id: pk, title: 'é'.repeat(1_000) } })))
    expect(await list({ limit: 3 })).toMatchObject({ hasMore: false })
    expect([await keys({ limit: 2 }), (await list({ limit: 2 })).hasMore]).toEqual([['a', 'b'], true])
    const [row] = (await list()).rows
    const size = rowBytes(Buffer.byteLength(row!.payload!), row!.pk, row!.stamp.deviceId)
    expect([await keys({ maxBytes: 1 }), (await list({ maxBytes: 1 })).hasMore]).toEqual([['a'], true])
    expect([await keys({ maxBytes: 2 * size }), await keys({ maxBytes: 2 * size - 1 })]).toEqual([['a', 'b'], ['a']])
  })

  it('reads what was just written', async () => {
    const { rows: [written] } = await write([{ pk: 'a' }])
    expect(await get('a')).toMatchObject({ stamp: written!.stamp, payload: written!.payload })
    expect(await keys()).toEqual(['a'])
    await write([{ pk: 'a', kind: 'delete' }])
    expect([await get('a'), await keys()]).toEqual([undefined, []])
  })
}
