import { expect, it } from 'vitest'
import { formatHlc, isHlc, parseHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { REQUEST_MAX_OPS } from '#or3-sync/shared/sync/protocol/limits'
import { compareRevisions, MAX_CLOCK } from '#or3-sync/shared/sync/protocol/revision'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import { nextOpId, NOW } from '../make-op'
import { DAY } from './store-under-test'
import type { StoreUnderTest } from './store-under-test'

/** Contract 8b: what `write` stores, how it is stamped, and how it meets the edits of devices. */
export function describeServerWrites(store: StoreUnderTest): void {
  const { push, pull, write, get, gc, brief, heard } = store
  const payloadOf = (row: RecordRow | null | undefined) => row?.payload && JSON.parse(row.payload) as unknown

  it('stores a group of edits in one commit, and answers their rows', async () => {
    await push([{ pk: 'a' }, { pk: 'gone' }])
    const outcome = await write([
      { pk: 'new' }, { pk: 'a', kind: 'update', payload: { id: 'a', done: true } }, { pk: 'gone', kind: 'delete' }, { pk: 'never there', kind: 'delete' },
    ])
    expect(outcome.version).toBe(5)
    expect(brief(outcome.writes)).toEqual(['new3', 'a4', 'gone5'])
    expect(outcome.rows.map(row => row && `${row.pk} ${row.op}`)).toEqual(['new put', 'a put', 'gone delete', null])
    expect(outcome.previous.map(revision => revision?.clock ?? null)).toEqual([null, 1, 1])
    const { rows, latestVersion, mark } = await pull({ cursor: 2 })
    expect([brief(rows), latestVersion]).toEqual([['new3', 'a4', 'gone5'], 5])
    expect(payloadOf(rows[0])).toEqual({ id: 'new', title: 'by the server' })
    expect(payloadOf(rows[1])).toEqual({ id: 'a', title: 'title of a at 1', done: true })
    expect(rows[2]).toMatchObject({ op: 'delete', payload: null })
    // The group is one commit of the workspace's history. A store without marks has none.
    expect(mark === undefined || mark.startsWith('5.')).toBe(true)
    if (mark !== undefined) expect(await pull({ cursor: 2, mark })).toMatchObject({ requiresRescan: false })
  })

  it('creates the workspace, and wakes its watchers once', async () => {
    let woken = 0
    store.backend.watch('w2', () => woken++)
    expect(await write([{ pk: 'a' }, { pk: 'b' }], { workspaceId: 'w2' })).toMatchObject({ version: 2 })
    await heard(() => expect(woken).toBe(1))
    expect(await store.backend.latestVersion('w1')).toBe(0)
  })

  it('stamps above what is stored: a row, a tombstone, and one that left the feed', async () => {
    await push([{ pk: 'a', clock: 7 }, { pk: 'b', clock: 3 }, { pk: 'b', op: 'delete', clock: 4 }, { pk: 'c', op: 'delete', clock: 9 }])
    await gc()
    await push([{ pk: 'd', op: 'delete', clock: 5 }])
    const { rows, previous } = await write(['a', 'b', 'c', 'd', 'e'].map(pk => ({ pk })))
    expect(rows.map(row => row!.stamp.clock)).toEqual([8, 5, 10, 6, 1])
    expect(previous.map(revision => revision?.clock ?? null), 'of a deleted row there is none').toEqual([7, null, null, null, null])
    for (const row of rows) expect(isHlc(row!.stamp.hlc)).toBe(true)
    expect((await pull({ bootstrap: true })).rows.map(({ pk }) => pk)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('stamps above a row whose clock is at its end, by the HLC', async () => {
    await push([{ pk: 'a', clock: MAX_CLOCK, at: 200_000 }])
    const [before] = (await pull()).rows
    const { rows: [first] } = await write([{ pk: 'a' }])
    const { rows: [second] } = await write([{ pk: 'a' }])
    expect(first!.stamp.clock).toBe(MAX_CLOCK)
    expect(compareRevisions(first!.stamp, before!.stamp)).toBeGreaterThan(0)
    expect(compareRevisions(second!.stamp, first!.stamp)).toBeGreaterThan(0)
  })

  it('gives out HLCs that rise, with one node for each workspace, also when the clock is set back', async () => {
    const hlcs: string[] = []
    for (const now of [NOW, NOW, NOW + 5_000, NOW - DAY, NOW + 5_001]) {
      const { rows } = await write([{ pk: `a-${hlcs.length}` }, { pk: `b-${hlcs.length}` }], { now })
      hlcs.push(...rows.map(row => row!.stamp.hlc))
    }
    expect([...hlcs].sort()).toEqual(hlcs)
    expect(new Set(hlcs).size).toBe(hlcs.length)
    const nodes = new Set(hlcs.map(hlc => parseHlc(hlc)!.node))
    expect(nodes.size).toBe(1)
    const other = await write([{ pk: 'a' }], { workspaceId: 'w2' })
    expect(nodes).not.toContain(parseHlc(other.rows[0]!.stamp.hlc)!.node)
  })

  it('meets the edits of devices like any other edit: a later one that knew it wins, an older one loses, one that did not know it is told', async () => {
    await push([{ pk: 'a', base: null }])
    const { rows: [written] } = await write([{ pk: 'a' }])
    const { clock, hlc } = written!.stamp
    const older = await push([{ pk: 'a', clock: 1, at: 9, device: 'device-2', base: null }])
    expect(older.results[0]).toMatchObject({ applied: false, winner: { stamp: written!.stamp } })
    const unaware = await push([{ pk: 'a', clock: 3, at: 10, device: 'device-2', base: null }])
    expect(unaware.results[0]).toMatchObject({ applied: true, overwrote: { stamp: written!.stamp } })
    await write([{ pk: 'b' }])
    const [, row] = (await pull()).rows
    const aware = await push([{ pk: 'b', clock: row!.stamp.clock + 1, at: 11, base: { clock: row!.stamp.clock, hlc: row!.stamp.hlc } }])
    expect(aware.results[0]).toMatchObject({ applied: true })
    expect(aware.results[0]).not.toHaveProperty('overwrote')
    expect([clock, parseHlc(hlc)!.ms]).toEqual([2, NOW])
  })

  it('deletes for good: an older put of a device loses', async () => {
    await push([{ pk: 'a', clock: 4 }])
    const { rows: [deleted] } = await write([{ pk: 'a', kind: 'delete' }])
    expect(deleted).toMatchObject({ op: 'delete', payload: null, stamp: { clock: 5 } })
    expect((await push([{ pk: 'a', clock: 4, at: 99, device: 'device-2' }])).results[0]).toMatchObject({ applied: false, winner: { op: 'delete' } })
    expect(await get('a')).toBeUndefined()
  })

  it('writes nothing where there is nothing to delete, and no version is used', async () => {
    await push([{ pk: 'a', op: 'delete' }])
    const before = await pull()
    const outcome = await write([{ pk: 'a', kind: 'delete' }, { pk: 'b', kind: 'delete' }])
    expect(outcome).toMatchObject({ version: 1, rows: [null, null], writes: [], previous: [] })
    expect(await pull()).toEqual(before)
    expect(await write([{ pk: 'a', kind: 'delete' }], { workspaceId: 'nobody wrote here' })).toMatchObject({ version: 0, writes: [] })
    expect(await write([])).toMatchObject({ version: 1, rows: [] })
  })

  it('answers a write whose answer was lost without writing twice', async () => {
    const edits = [{ pk: 'a', opId: nextOpId(), expect: null }, { pk: 'b', opId: nextOpId() }]
    const first = await write(edits)
    await push([{ pk: 'b', clock: 2, at: 1 }])
    const again = await write(edits)
    expect(again).toMatchObject({ version: 3, writes: [], previous: [] })
    expect(again.rows[0]).toMatchObject({ pk: 'a', stamp: first.rows[0]!.stamp })
    expect(brief((await pull()).rows)).toEqual(['a1', 'b3'])
  })

  it('takes as many edits as its limits say', async () => {
    const count = Math.min(REQUEST_MAX_OPS, store.backend.limits?.ops ?? REQUEST_MAX_OPS)
    const edits = Array.from({ length: count }, (_, index) => ({ pk: `row-${index}` }))
    expect(await write(edits)).toMatchObject({ version: count })
    expect(await store.tryWrite([...edits, { pk: 'one more' }])).toMatchObject({ ok: false, code: 'OVERSIZED', index: count })
    expect(await store.backend.latestVersion('w1')).toBe(count)
  })

  it('goes on above the version of a workspace that was erased, with a clock of its own', async () => {
    await write([{ pk: 'a' }, { pk: 'b' }])
    await store.backend.erase('w1')
    expect(await write([{ pk: 'a', kind: 'delete' }]), 'nothing to write: it stays erased').toMatchObject({ writes: [] })
    const { version, rows } = await write([{ pk: 'a' }], { now: NOW - DAY })
    expect(version).toBeGreaterThan(2)
    expect(rows[0]!.stamp).toMatchObject({ clock: 1 })
    expect(parseHlc(rows[0]!.stamp.hlc)!.ms, 'what was erased is no measure any more').toBe(NOW - DAY)
    expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true })
    expect((await pull({ bootstrap: true })).rows.map(({ pk }) => pk)).toEqual(['a'])
  })

  it('stamps above the HLC of a device that is ahead', async () => {
    const ahead = formatHlc({ ms: NOW + 290_000, counter: 0, node: 'device10' })
    await push([{ pk: 'a', at: 290_000 }])
    const { rows: [row] } = await write([{ pk: 'a' }])
    expect(row!.stamp.hlc > ahead).toBe(true)
    const { rows: [next] } = await write([{ pk: 'b' }])
    expect(next!.stamp.hlc > row!.stamp.hlc).toBe(true)
  })
}
