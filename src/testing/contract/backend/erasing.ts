import { expect, it } from 'vitest'
import { acceptedOp, NOW } from '../make-op'
import type { StoreUnderTest } from './store-under-test'

/** Erased workspaces, and the marks by which a restored store is noticed. */
export function describeErasing(store: StoreUnderTest): void {
  const { push, pull, brief, heard, cursor } = store

  it('erases a workspace and nothing else: rows, devices, what they were answered', async () => {
    let woken = 0
    store.backend.watch('w1', () => woken++)
    const batch = [acceptedOp({ pk: 'a' }), acceptedOp({ pk: 'b', op: 'delete' })]
    const request = { workspaceId: 'w1', userId: 'ada', items: batch, now: NOW }
    await store.backend.push(request)
    await push([{ pk: 'theirs' }], { workspaceId: 'w2' })
    await cursor('device-1', 2)
    const before = woken
    expect(await store.backend.erase('w1')).toEqual({ records: 2, devices: 1 })
    await heard(() => expect(woken).toBeGreaterThan(before))
    expect(await pull({ bootstrap: true })).toMatchObject({ rows: [], hasMore: false, requiresRescan: false })
    expect(brief((await pull({ workspaceId: 'w2' })).rows)).toEqual(['theirs1'])
    // If the store had remembered this batch, it would now answer "applied" although there is no row.
    const again = await store.backend.push(request)
    expect(again).toMatchObject({ applied: 2, results: [{ applied: true }, { applied: true }] })
    expect(again.status === 'pushed' && again.results.some(({ replayed }) => replayed)).toBe(false)
    expect(await store.backend.erase('nobody wrote here')).toEqual({ records: 0, devices: 0 })
  })

  it('tells devices of an erased workspace to rescan, whoever wrote there since', async () => {
    await push([{ pk: 'a' }, { pk: 'b' }])
    await store.backend.erase('w1')
    expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true })
    expect(await pull()).toMatchObject({ rows: [], requiresRescan: true })
    await push(['c', 'd', 'e'].map(pk => ({ pk })))
    expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true })
    const { rows, latestVersion } = await pull({ bootstrap: true })
    expect(rows.map(({ pk }) => pk)).toEqual(['c', 'd', 'e'])
    expect(latestVersion).toBeGreaterThan(4)
    expect(await cursor('device-1', latestVersion)).toBe('ok')
    expect(await store.backend.erase('w1')).toEqual({ records: 3, devices: 1 })
  })

  it('F68: knows the marks of its own past, and says so of no other', async () => {
    expect((await pull()).mark).toBeUndefined()
    const first = await push([{ pk: 'a' }])
    const second = await push([{ pk: 'b' }, { pk: 'c' }], { now: NOW + 5 })
    expect(second.mark).not.toBe(first.mark)
    expect(await pull()).toMatchObject({ mark: second.mark })
    for (const mark of [first.mark, second.mark]) expect(await pull({ mark, cursor: 1 })).toMatchObject({ requiresRescan: false, nextCursor: 3 })
    const [version, time] = second.mark!.split('.') as [string, string]
    const later = `${version}.${(Number.parseInt(time, 36) + 50).toString(36)}`
    for (const mark of [later, `7.${time}`]) expect(await pull({ mark, cursor: 1 }), mark).toMatchObject({ rows: [], requiresRescan: true, restored: true, hasMore: false })
    expect(await push([{ pk: 'd' }], { mark: second.mark })).not.toHaveProperty('restored')
    expect(await push([{ pk: 'e' }], { mark: later })).toMatchObject({ applied: 1, restored: true })
    await store.backend.erase('w1')
    expect(await pull({ mark: second.mark }), 'what was erased is gone on purpose').toMatchObject({ requiresRescan: true })
    expect((await pull({ mark: second.mark })).restored).toBeUndefined()
  })
}
