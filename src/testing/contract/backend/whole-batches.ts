import { expect, it } from 'vitest'
import { OVERWROTE_REPLY_TEXT, REQUEST_MAX_OPS } from '#or3-sync/shared/sync/protocol/limits'
import { acceptedOp, NOW } from '../make-op'
import type { OpOptions } from '../make-op'
import type { StoreUnderTest } from './store-under-test'

const LARGE = 120_000

/** Contract 7.16: a batch is one transaction of the store, or it is refused as a whole. */
export function describeWholeBatches(store: StoreUnderTest): void {
  const { push, pull } = store
  const codes = (results: readonly { errorCode?: string, applied?: boolean }[]) => results.map(({ errorCode, applied }) => errorCode ?? applied)

  it('takes as many ops as its limits say, and nobody sees a part of them', async () => {
    const count = Math.min(REQUEST_MAX_OPS, store.backend.limits?.ops ?? REQUEST_MAX_OPS)
    const pushing = push(Array.from({ length: count }, (_, index) => ({ pk: `row-${index}` })))
    const looks: Promise<number>[] = []
    for (let look = 0; look < 5; look++) {
      looks.push(pull({ limit: 1 }).then(page => page.latestVersion), store.backend.latestVersion('w1'))
      await new Promise(resolve => setTimeout(resolve, 0))
    }
    expect(await pushing).toMatchObject({ applied: count, serverVersion: count })
    expect([0, count]).toEqual(expect.arrayContaining([...new Set(await Promise.all(looks))]))
    expect(await store.backend.latestVersion('w1')).toBe(count)
  })

  it('writes nothing of a batch that it refuses for its size, and takes its parts', async () => {
    const rows = Array.from({ length: Math.ceil(OVERWROTE_REPLY_TEXT / LARGE) + 1 }, (_, index) => `row-${index}`)
    for (const pk of rows) await push([{ pk, device: 'device-2', payload: { id: pk, title: 'x'.repeat(LARGE) } }], { userId: 'bob' })
    const mine = [{ pk: 'new' }, ...rows.map((pk): OpOptions => ({ pk, clock: 2, base: null }))].map(acceptedOp)
    const before = await pull({ maxBytes: 10_000_000 })
    const send = (items: typeof mine) => store.backend.push({ workspaceId: 'w1', userId: 'ada', items, now: NOW })
    expect(await send(mine)).toMatchObject({ status: 'too-large' })
    expect(await pull({ maxBytes: 10_000_000 })).toEqual(before)
    const parts = [await send(mine.slice(0, 4)), await send(mine.slice(4, 7))]
    expect(parts).toMatchObject([{ status: 'pushed', applied: 4 }, { status: 'pushed', applied: 3, serverVersion: rows.length + 7 }])
  })

  it('writes nothing of a batch in which something fails', async () => {
    await push([{ pk: 'a' }])
    const before = await pull()
    const broken = Object.defineProperty(acceptedOp({ pk: 'broken' }), 'payload', { get: () => { throw new Error('broken') }, enumerable: true })
    const items = [acceptedOp({ pk: 'a', clock: 2 }), acceptedOp({ pk: 'b' }), broken]
    await expect(store.backend.push({ workspaceId: 'w1', userId: 'ada', items, now: NOW })).rejects.toThrow('broken')
    expect(await pull()).toEqual(before)
    // The store goes on, and has not remembered an answer to them.
    expect(await store.backend.push({ workspaceId: 'w1', userId: 'ada', items: items.slice(0, 2), now: NOW })).toMatchObject({ applied: 2, results: [{ applied: true }, { applied: true }] })
  })

  it('applies nothing of a batch that has an op more than five minutes ahead, and says so of all of it', async () => {
    await push([{ pk: 'met', clock: 3 }])
    const late = acceptedOp({ pk: 'late', at: 299_000 })
    const batch = [late, acceptedOp({ pk: 'too late', at: 301_000 }), acceptedOp({ pk: 'met', clock: 4 }), acceptedOp({ pk: 'met', clock: 2 })]
    const send = (items: typeof batch, now = NOW) => store.backend.push({ workspaceId: 'w1', userId: 'ada', items, now })
    const refused = await send(batch)
    if (refused.status !== 'pushed') throw new Error(refused.status)
    expect(codes(refused.results)).toEqual(Array.from({ length: 4 }, () => 'CLOCK_SKEW'))
    expect(refused.results.map(({ current }) => current?.serverVersion)).toEqual([undefined, undefined, 1, 1])
    expect(refused).toMatchObject({ applied: 0, serverVersion: 1 })
    expect((await pull()).rows.map(({ pk }) => pk)).toEqual(['met'])
    expect(await send([late])).toMatchObject({ applied: 1, results: [{ applied: true }] })
    // Two seconds later the whole batch is within the limit. What is there already is a repeat.
    expect(await send(batch, NOW + 2_000)).toMatchObject({ applied: 2, serverVersion: 4, results: [{ replayed: true }, { applied: true }, { applied: true }, { applied: false }] })
  })

  it('answers what is there already as before, also beside an op that is ahead', async () => {
    const stored = acceptedOp({ pk: 'stored' })
    await store.backend.push({ workspaceId: 'w1', userId: 'ada', items: [stored], now: NOW })
    const beside = [acceptedOp({ pk: 'ahead', at: 400_000 }), stored, acceptedOp({ pk: 'new' })]
    for (const userId of ['ada', 'bob']) {
      const answered = await store.backend.push({ workspaceId: 'w1', userId, items: beside, now: NOW })
      expect(answered, `${userId}: as a repeat, or as a revision that is stored`).toMatchObject({
        applied: 0, serverVersion: 1, results: [{ errorCode: 'CLOCK_SKEW' }, { success: true, applied: true, replayed: true, serverVersion: 1 }, { errorCode: 'CLOCK_SKEW' }],
      })
    }
  })
}
