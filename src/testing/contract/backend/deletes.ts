import { expect, it } from 'vitest'
import { NOW } from '../make-op'
import { DAY } from './store-under-test'
import type { StoreUnderTest } from './store-under-test'

/** Deletes, tombstones and their garbage collection, and the cursors that hold it up. */
export function describeDeletes(store: StoreUnderTest): void {
  const { push, pull, brief, gc, cursor } = store

  it('pitfall 7: deletes win over older puts also after GC, and leave the feed', async () => {
    await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 5 }])
    expect(await gc()).toMatchObject({ tombstones: 1 })
    expect(await gc()).toMatchObject({ tombstones: 0 })
    const page = await pull({ bootstrap: true })
    expect([page.rows, page.nextCursor]).toEqual([[], 2])
    const late = await push([{ pk: 'a', clock: 4, at: 60_000, device: 'device-2' }])
    expect(late.results[0]).toMatchObject({ applied: false, winner: { op: 'delete', serverVersion: 2 } })
    expect((await push([{ pk: 'a', clock: 6 }])).results[0]).toMatchObject({ applied: true, serverVersion: 3 })
    expect(brief((await pull({ cursor: 2 })).rows)).toEqual(['a3'])
  })

  it('pitfall 5: a cursor below the GC floor is told to rescan, a bootstrap never is', async () => {
    await push([{ pk: 'a' }, { pk: 'b' }, { pk: 'a', op: 'delete', clock: 2 }, { pk: 'c' }])
    await gc()
    expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true })
    expect(brief((await pull({ cursor: 3 })).rows)).toEqual(['c4'])
    expect(brief((await pull({ cursor: 0, bootstrap: true })).rows)).toEqual(['b2', 'c4'])
  })

  it('pitfall 30: GC waits for live devices, not for silent ones, and never past the retention', async () => {
    await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }])
    await cursor('device-1', 2)
    await cursor('device-2', 1, { userId: 'bob' })
    expect(await gc()).toMatchObject({ tombstones: 0 })
    expect(await gc(NOW + 8 * DAY)).toMatchObject({ tombstones: 1 })
    await push([{ pk: 'b', op: 'delete' }], { now: NOW + 8 * DAY })
    await cursor('device-2', 1, { userId: 'bob', now: NOW + 38 * DAY })
    expect(await gc(NOW + 38 * DAY)).toMatchObject({ tombstones: 0 })
    await cursor('device-2', 1, { userId: 'bob', now: NOW + 39 * DAY })
    expect(await gc(NOW + 39 * DAY)).toMatchObject({ tombstones: 1 })
  })

  it('pitfall 30: a device cursor never steps back, belongs to its user, and cannot pass the workspace', async () => {
    await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }])
    expect(await cursor('device-1', 3)).toBe('ahead')
    expect(await cursor('device-1', 2)).toBe('ok')
    expect(await cursor('device-1', 0)).toBe('ok')
    expect(await gc(), 'the step back did not hold it').toMatchObject({ tombstones: 1 })
  })

  it('forgets deletions for good only where asked, and then takes no put from before for a record it does not know', async () => {
    await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }, { pk: 'kept' }, { pk: 'young' }])
    await push([{ pk: 'young', op: 'delete', clock: 2 }], { now: NOW + DAY })
    const purgedBefore = NOW + DAY
    expect(await gc(NOW + 2 * DAY)).toMatchObject({ tombstones: 2, purged: 0 })
    expect(await gc(NOW + 2 * DAY, purgedBefore)).toMatchObject({ tombstones: 0, purged: 1 })
    const late = { now: NOW + 2 * DAY, purgedBefore, userId: 'bob' }
    const { results, applied } = await push([
      { pk: 'a', clock: 1, device: 'device-2' },
      { pk: 'never heard of', device: 'device-2' },
      { pk: 'kept', clock: 2, at: -DAY, device: 'device-2' },
      { pk: 'young', clock: 1, device: 'device-2' },
      { pk: 'gone', op: 'delete', device: 'device-2' },
    ], late)
    expect(results).toMatchObject([
      { success: false, errorCode: 'CONFLICT' }, { success: false, errorCode: 'CONFLICT' },
      { applied: true }, { applied: false, winner: { op: 'delete' } }, { applied: true },
    ])
    expect(applied).toBe(2)
    expect((await push([{ pk: 'a', at: DAY, device: 'device-2' }], late)).results[0]).toMatchObject({ applied: true })
    expect((await pull({ bootstrap: true })).rows.map(({ pk }) => pk)).toEqual(['kept', 'a'])
  })

  it('still knows that deletions were forgotten when nobody asks for it any more', async () => {
    await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }])
    expect(await gc(NOW + 40 * DAY, NOW + DAY)).toMatchObject({ purged: 1 })
    const old = { pk: 'a', clock: 1, device: 'device-2' }
    expect((await push([old], { now: NOW + 40 * DAY, userId: 'bob' })).results).toMatchObject([{ success: false, errorCode: 'CONFLICT' }])
    const { results } = await push([{ pk: 'a', clock: 1, at: 2 * DAY, device: 'device-2' }], { now: NOW + 40 * DAY, userId: 'bob' })
    expect(results, 'a later one is taken').toMatchObject([{ applied: true }])
  })
}
