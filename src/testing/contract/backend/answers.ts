import { expect, it } from 'vitest'
import { acceptedOp, nextOpId, NOW } from '../make-op'
import type { OpOptions } from '../make-op'
import type { StoreUnderTest } from './store-under-test'

/** More devices than any store keeps for one user. */
const MANY_DEVICES = 220

/** What a store remembers of its writers and devices, and whom it wakes. */
export function describeAnswers(store: StoreUnderTest): void {
  const { push, pull, gc, heard, cursor } = store

  it('F45: keeps what a bounded number of writers of each user were answered, the newest', async () => {
    const writer = (index: number) => ({ node: `writer${String(index).padStart(3, '0')}`, device: `d${index}` })
    const op = (index: number) => acceptedOp({ pk: 'a', clock: index + 2, base: null, ...writer(index) })
    await push([{ pk: 'a', device: 'other' }], { userId: 'bob' })
    const ops = Array.from({ length: 70 }, (_, index) => op(index))
    for (const [index, item] of ops.entries()) await store.backend.push({ workspaceId: 'w1', userId: 'ada', items: [item], now: NOW + index })
    const again = async (index: number) => await store.backend.push({ workspaceId: 'w1', userId: 'ada', items: [ops[index]!], now: NOW + 100 })
    expect(await again(69)).toMatchObject({ results: [{ replayed: true, applied: true }] })
    expect(await again(10)).toMatchObject({ results: [{ replayed: true, applied: true }] })
    expect(await again(0), 'long forgotten').toMatchObject({ results: [{ applied: false }] })
  })

  it('F45: keeps the cursors of a bounded number of devices of each user; one that was not heard of for long goes first', async () => {
    await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }])
    await cursor('behind', 1, { userId: 'bob' })
    await cursor('idle', 1)
    const report = async (version: number, later: number) => {
      for (let index = 0; index < MANY_DEVICES; index++) {
        await cursor(`device-${later}-${index}`, version, { now: NOW + later + index })
        if (index % 20 === 0) await cursor('busy', 2, { now: NOW + later + index })
      }
    }
    await report(2, 1_000)
    expect(await gc(NOW + 2_000), 'Bob\'s device is waited for').toMatchObject({ tombstones: 0 })
    await cursor('behind', 2, { userId: 'bob', now: NOW + 2_000 })
    expect(await gc(NOW + 2_000), 'the idle one is not').toMatchObject({ tombstones: 1 })
    await push([{ pk: 'b' }, { pk: 'b', op: 'delete', clock: 2 }])
    await report(4, 3_000)
    await cursor('behind', 4, { userId: 'bob', now: NOW + 4_000 })
    expect(await gc(NOW + 4_000), 'the busy one is').toMatchObject({ tombstones: 0 })
  })

  it('repeats a device\'s last batch, winners and replaced rows included', async () => {
    await push([{ pk: 'a', device: 'device-2' }, { pk: 'b', device: 'device-2', clock: 3 }], { userId: 'bob' })
    const items = [acceptedOp({ pk: 'a', clock: 2, base: null }), acceptedOp({ pk: 'b', clock: 2 }), acceptedOp({ pk: 'c' })]
    const request = { workspaceId: 'w1', userId: 'ada', items, now: NOW }
    const first = await store.backend.push(request)
    await push([{ pk: 'a', device: 'device-2', clock: 9 }], { userId: 'bob' })
    const again = await store.backend.push(request)
    if (first.status !== 'pushed' || again.status !== 'pushed') throw new Error('too large')
    expect(again.results).toMatchObject(first.results.map(result => ({ ...result, replayed: true })))
    expect(again.results[0]).toMatchObject({ overwrote: { stamp: { deviceId: 'device-2', clock: 1 } } })
    expect(again.results[0]?.overwrote?.payload).toBe('{"id":"a","title":"title of a at 1"}')
    expect(again).toMatchObject({ applied: 0, serverVersion: 5 })
  })

  it('F11: tells who repeats an op that it was deleted since, also where another user has stamped the delete with the writer\'s node', async () => {
    const batch: OpOptions[] = [{ opId: nextOpId(), base: null }]
    const deletion: OpOptions = { op: 'delete', clock: 2, base: null }
    await push(batch)
    await push([deletion], { userId: 'bob' })
    expect((await push(batch)).results).toMatchObject([{ applied: true, replayed: true, winner: { op: 'delete' } }])
    await push([{ ...deletion, clock: 3 }])
    const { results: [again] } = await push(batch)
    expect([again?.replayed, again?.winner], 'the writer knows its own').toEqual([true, undefined])
  })

  it('wakes watchers of the workspace after each commit that applied something', async () => {
    const woken: string[] = []
    const stop = store.backend.watch('w1', () => woken.push('w1'))
    store.backend.watch('w2', () => woken.push('w2'))
    const op = { pk: 'a', opId: '00000000-0000-4000-9000-000000000000' }
    await push([op])
    await heard(() => expect(woken).toEqual(['w1']))
    await push([op])
    await push([{ pk: 'a' }], { workspaceId: 'w2' })
    await heard(() => expect(woken).toEqual(['w1', 'w2']))
    stop()
    await push([{ pk: 'b' }])
    expect(woken).toEqual(['w1', 'w2'])
  })

  it('names a new epoch on demand and tells watchers', async () => {
    let woken = 0
    store.backend.watch('w1', () => woken++)
    // A watch over a network may take a moment to begin.
    await push([{ pk: 'a' }])
    await heard(() => expect(woken).toBeGreaterThan(0))
    const before = woken
    const { epoch } = await pull()
    const renewed = await store.backend.newEpoch()
    expect(renewed).not.toBe(epoch)
    expect((await pull()).epoch).toBe(renewed)
    await heard(() => expect(woken).toBeGreaterThan(before))
  })
}
