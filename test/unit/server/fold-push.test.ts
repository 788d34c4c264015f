import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldPush } from '#or3-sync/shared/sync/store/fold-push'
import { formatHlc, hlcNode, UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import type { FoldedResult, FoldInput, FoldOutput } from '#or3-sync/shared/sync/store/fold-output'
import type { AcceptedOp, PushItem } from '#or3-sync/shared/sync/store/push-item'
import { decodePushMemory, encodePushMemory } from '#or3-sync/shared/sync/store/push-memory'
import type { PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import { acceptedOp, NOW } from './support/make-op'
import type { OpOptions } from './support/make-op'

type Folded = Extract<FoldOutput, { status: 'folded' }>

/** A store around the fold that keeps what a real one would. */
class FoldStore {
  version = 0
  readonly rows = new Map<string, RecordRow>()
  readonly memories = new Map<string, PushMemory>()

  push(items: PushItem[], extra: Partial<FoldInput> = {}): Folded {
    const fold = foldPush({ version: this.version, rows: this.rows, items, remembered: this.memories, now: NOW, ...extra })
    if (fold.status !== 'folded') throw new Error(fold.status)
    this.version = fold.version
    for (const row of fold.writes) this.rows.set(recordKey(row.tableName, row.pk), row)
    // Through the text form, as stores do.
    for (const [device, memory] of fold.remembered) this.memories.set(device, decodePushMemory(encodePushMemory(memory)))
    return fold
  }

  row(pk: string) { return this.rows.get(recordKey('todos', pk)) }
}

const baseOf = (op: AcceptedOp) => ({ clock: op.stamp.clock, hlc: op.stamp.hlc })

describe('foldPush', () => {
  it('applies a higher revision and gives it the next version', () => {
    const store = new FoldStore()
    const { results, applied } = store.push([acceptedOp({ pk: 'a' }), acceptedOp({ pk: 'b' }), acceptedOp({ pk: 'a', clock: 2 })])
    expect(results.map(({ success, applied, serverVersion }) => [success, applied, serverVersion])).toEqual([[true, true, 1], [true, true, 2], [true, true, 3]])
    expect(applied).toBe(3)
    expect(store.row('a')).toMatchObject({ serverVersion: 3, stamp: { clock: 2 } })
  })

  it('answers a lower revision with the winner and changes nothing', () => {
    const store = new FoldStore()
    store.push([acceptedOp({ clock: 5 })])
    const { results, version } = store.push([acceptedOp({ clock: 4, at: 60_000, device: 'device-2' })])
    expect(results[0]).toMatchObject({ success: true, applied: false, winner: { serverVersion: 1, stamp: { clock: 5 } } })
    expect(version).toBe(1)
  })

  it('pitfall 13: decides equal clocks by the HLC, then by the op id', () => {
    const store = new FoldStore()
    const late = acceptedOp({ clock: 2, at: 1_000, device: 'device-1', node: 'node0001' })
    store.push([late])
    expect(store.push([acceptedOp({ clock: 2, at: 0, device: 'device-2' })]).results[0]?.applied).toBe(false)
    const twin = acceptedOp({ clock: 2, at: 1_000, opId: 'ffffffff-0000-4000-8000-000000000000', device: 'device-2', node: 'node0001' })
    expect(store.push([twin]).results[0]?.applied).toBe(true)
    expect(store.row('a')?.stamp.opId).toBe(twin.stamp.opId)
  })

  it('pitfall 15: a tombstone beats older puts and loses to newer ones, also when it has left the feed', () => {
    const store = new FoldStore()
    store.push([acceptedOp({ clock: 1 }), acceptedOp({ op: 'delete', clock: 3 })])
    store.rows.set(recordKey('todos', 'a'), { ...store.row('a')!, collected: true })
    expect(store.push([acceptedOp({ clock: 2, device: 'device-2' })]).results[0]).toMatchObject({ applied: false, winner: { op: 'delete' } })
    expect(store.push([acceptedOp({ clock: 4, device: 'device-2', base: null })]).results[0]).toMatchObject({ applied: true })
    expect(store.row('a')).toMatchObject({ op: 'put' })
    expect(store.row('a')?.collected).toBeFalsy()
  })

  it('F7: refuses an op id that the record has under another revision, and takes the op itself again', () => {
    const store = new FoldStore()
    const op = acceptedOp({ clock: 2 })
    store.push([op])
    const again = (options: Partial<AcceptedOp['stamp']>) => store.push([{ ...op, stamp: { ...op.stamp, ...options } }]).results[0]
    for (const other of [{ clock: 3 }, { clock: 1 }, { hlc: formatHlc({ ms: NOW + 1, counter: 0, node: 'device20' }) }]) {
      expect(again(other)).toMatchObject({ success: false, errorCode: 'VALIDATION_ERROR', error: expect.stringContaining('stamp.opId') as string, current: { stamp: op.stamp } })
    }
    store.memories.clear()
    expect(again({})).toMatchObject({ success: true, replayed: true })
    expect(store.push([acceptedOp({ pk: 'b', opId: op.stamp.opId })]).results[0], 'another record').toMatchObject({ applied: true })
  })

  it('F11, F12: device ids decide nothing: a stamp with a colleague\'s is an edit like any other', () => {
    const store = new FoldStore()
    const ann = acceptedOp({ base: null, device: 'shared', node: 'annnode1', payload: { id: 'a', title: 'Ann' } })
    store.push([ann])
    const bob = acceptedOp({ clock: 2, base: null, device: 'shared', node: 'bobnode1', payload: { id: 'a', title: 'Bob' } })
    expect(store.push([bob]).results[0]?.overwrote).toMatchObject({ stamp: ann.stamp, payload: ann.payload })
    expect(store.push([ann]).results[0], 'answers are kept by writer, not by device').toMatchObject({ replayed: true, applied: true })
    expect(store.push([bob]).results[0]?.overwrote).toMatchObject({ stamp: ann.stamp })
  })

  it('remembers by writer what an edit replaced, and tells it to the next edit that names the writer', () => {
    const store = new FoldStore()
    const theirs = acceptedOp({ base: null, device: 'other', payload: { id: 'a', title: 'theirs' } })
    store.push([theirs])
    store.push([acceptedOp({ clock: 1, at: 1, base: null, node: 'beforeit' })])
    const next = (unheard?: string[]) => acceptedOp({ clock: 2, at: 2, base: null, node: 'reloaded', unheard })
    expect(store.push([next(['beforeit'])]).results[0]).toMatchObject({ applied: true, overwroteEarlier: [{ stamp: theirs.stamp }] })
  })

  it('takes what an upgrade made for nobody\'s edit', () => {
    const store = new FoldStore()
    const made = acceptedOp({ base: null })
    const upgraded: AcceptedOp = { ...made, stamp: { ...made.stamp, hlc: UPGRADED_HLC } }
    expect(store.push([upgraded], { purgedBefore: NOW }).results[0], 'however long deletions are remembered').toMatchObject({ applied: true })
    const forged = acceptedOp({ pk: 'forged', clock: 2 })
    expect(store.push([{ ...forged, stamp: { ...forged.stamp, hlc: UPGRADED_HLC } }], { purgedBefore: NOW }).results[0], 'with a higher clock it is an edit, of 1970').toMatchObject({ errorCode: 'CONFLICT' })
    const written = store.push([acceptedOp({ at: 1, base: null, device: 'other', payload: { id: 'a', title: 'written' } })]).results[0]
    expect(written).toMatchObject({ applied: true })
    expect(written?.overwrote).toBeUndefined()
    expect(store.push([{ ...upgraded, stamp: { ...upgraded.stamp, opId: made.stamp.opId.replace(/.$/, 'f') } }]).results[0]).toMatchObject({ applied: false })
  })

  it('looks at equality before clock skew', () => {
    const store = new FoldStore()
    const ahead = acceptedOp({ at: 4 * 60_000 })
    store.push([ahead])
    // The server's clock has been set back since, and the device's memory is gone.
    store.memories.clear()
    expect(store.push([ahead], { now: NOW - 60 * 60_000 }).results[0]).toMatchObject({ success: true, applied: true, replayed: true })
    expect(store.push([acceptedOp({ clock: 2, at: 6 * 60_000 })]).results[0]).toMatchObject({ success: false, errorCode: 'CLOCK_SKEW', current: { serverVersion: 1 } })
  })

  describe('of a batch with an op that is too far ahead', () => {
    const ahead = (options: OpOptions = {}) => acceptedOp({ pk: 'ahead', at: 301_000, ...options })
    const codes = ({ results }: Folded) => results.map(({ errorCode, applied }) => errorCode ?? applied)

    it('applies nothing: one at +299 s is refused with one at +301 s, wherever it stands', () => {
      for (const turn of [<T>(items: T[]) => items, <T>(items: T[]) => items.reverse()]) {
        const store = new FoldStore()
        const fold = store.push(turn([acceptedOp({ at: 299_000 }), ahead()]))
        expect(codes(fold)).toEqual(['CLOCK_SKEW', 'CLOCK_SKEW'])
        expect([fold.version, fold.applied, fold.writes, fold.remembered.size]).toEqual([0, 0, [], 0])
        expect(turn(fold.results.map(({ error }) => error))).toEqual([
          'an op of the same batch is 301 s ahead of the server\'s time, so nothing of the batch was stored', 'stamp.hlc is 301 s ahead of the server\'s time',
        ])
      }
    })

    it('also refuses what would have lost, tells the stored row, and not one of the batch', () => {
      const store = new FoldStore()
      store.push([acceptedOp({ clock: 5 })])
      const fold = store.push([acceptedOp({ clock: 6 }), acceptedOp({ clock: 4, device: 'device-2' }), ahead()])
      expect(codes(fold)).toEqual(['CLOCK_SKEW', 'CLOCK_SKEW', 'CLOCK_SKEW'])
      expect(fold.results.map(({ current }) => current?.stamp.clock)).toEqual([5, 5, undefined])
    })

    it('counts an op that would have lost and is ahead', () => {
      const store = new FoldStore()
      store.push([acceptedOp({ clock: 5 })])
      expect(codes(store.push([acceptedOp({ clock: 4, at: 301_000 }), acceptedOp({ pk: 'b' })]))).toEqual(['CLOCK_SKEW', 'CLOCK_SKEW'])
    })

    it('keeps the code of what is invalid for another reason', () => {
      const store = new FoldStore()
      const stored = acceptedOp({ clock: 2 })
      store.push([stored])
      const bad: PushItem = { kind: 'rejected', opId: null, errorCode: 'VALIDATION_ERROR', error: 'no op', record: { tableName: 'todos', pk: 'a' } }
      const old = acceptedOp({ pk: 'purged', at: -60_000 })
      const sameId = acceptedOp({ clock: 3, opId: stored.stamp.opId })
      const twin = acceptedOp({ pk: 'twin' })
      const fold = store.push([bad, old, sameId, twin, { ...twin, stamp: { ...twin.stamp, clock: 2 } }, ahead()], { purgedBefore: NOW })
      expect(codes(fold)).toEqual(['VALIDATION_ERROR', 'CONFLICT', 'VALIDATION_ERROR', 'CLOCK_SKEW', 'VALIDATION_ERROR', 'CLOCK_SKEW'])
      expect(fold.results.map(({ current }) => current?.serverVersion), 'only what is stored').toEqual([1, undefined, 1, undefined, undefined, undefined])
    })

    it('answers what is there already as before, and keeps what its writer was told', () => {
      const store = new FoldStore()
      store.push([acceptedOp({ clock: 1, device: 'other' })])
      const batch = [acceptedOp({ clock: 2, base: null }), acceptedOp({ pk: 'b' })]
      const first = store.push(batch)
      expect(first.results[0]).toHaveProperty('overwrote')
      for (let time = 0; time < 2; time++) {
        const again = store.push([...batch, ahead(), acceptedOp({ pk: 'new' })])
        expect(again.results.slice(0, 2)).toEqual(first.results.map(result => ({ ...result, replayed: true })))
        expect(codes(again).slice(2)).toEqual(['CLOCK_SKEW', 'CLOCK_SKEW'])
      }
      store.memories.clear()
      const known = store.push([batch[0]!, ahead()])
      expect(known.results[0], 'known by its revision').toMatchObject({ applied: true, replayed: true })
    })

    it('is no such batch if the store has that op already', () => {
      const store = new FoldStore()
      const op = ahead()
      store.push([op], { now: NOW + 60_000 })
      expect(codes(store.push([op, acceptedOp()]))).toEqual([true, true])
      store.memories.clear()
      expect(codes(store.push([acceptedOp({ pk: 'ahead', clock: 2 }), op, acceptedOp({ pk: 'b' })])), 'overtaken in the same batch').toEqual([true, false, true])
    })
  })

  it('tells what an op replaced that its base did not know, and only then', () => {
    const first = acceptedOp({ clock: 1, device: 'device-1' })
    const concurrent = { clock: 2, device: 'device-2', payload: { id: 'a', title: 'other' } }
    const overwrote = (op: AcceptedOp) => {
      const store = new FoldStore()
      store.push([first])
      return store.push([op]).results[0]?.overwrote
    }
    expect(overwrote(acceptedOp({ ...concurrent, base: null }))).toMatchObject({ op: 'put', payload: first.payload, serverVersion: 1 })
    expect(overwrote(acceptedOp({ ...concurrent, base: { clock: 9, hlc: first.stamp.hlc } }))).toBeDefined()
    expect(overwrote(acceptedOp({ ...concurrent, base: baseOf(first) }))).toBeUndefined()
    expect(overwrote(acceptedOp(concurrent))).toBeUndefined()
    expect(overwrote(acceptedOp({ ...concurrent, clock: 1, at: 1 })), 'two edits of one clock').toBeDefined()
    const unheard = { ...concurrent, base: null, unheard: [hlcNode(first.stamp.hlc)] }
    expect(overwrote(acceptedOp(unheard)), 'our own edit whose answer was lost').toBeUndefined()
    expect(overwrote(acceptedOp({ ...unheard, base: { clock: 9, hlc: first.stamp.hlc } })), 'below the base nothing is known').toBeDefined()
    expect(overwrote(acceptedOp({ ...unheard, unheard: ['somebody'] }))).toBeDefined()
    expect(overwrote(acceptedOp({ ...concurrent, base: null, payload: { title: 'title of a at 1', id: 'a' } }))).toBeUndefined()
    expect(overwrote(acceptedOp({ ...concurrent, base: null, op: 'delete' }))).toBeDefined()
  })

  it('repeats the last batch as it was answered, whatever others wrote since', () => {
    const store = new FoldStore()
    store.push([acceptedOp({ pk: 'a', device: 'other' }), acceptedOp({ pk: 'c', clock: 7, device: 'other' })])
    const batch = [acceptedOp({ pk: 'a', clock: 2, base: null }), acceptedOp({ pk: 'b' }), acceptedOp({ pk: 'c', clock: 3 })]
    const { results } = store.push(batch)
    store.push(['a', 'b', 'c'].map(pk => acceptedOp({ pk, clock: 20, device: 'other' })))
    const { version } = store
    const again = results.map(result => ({ ...result, replayed: true }))
    expect(store.push(batch).results).toEqual(again)
    expect(store.push([batch[2]!, batch[0]!]).results).toEqual([again[2], again[0]])
    expect(store.push(batch).results, 'a repeat in part must not forget the rest').toEqual(again)
    expect(store.version).toBe(version)
    expect(again[0]?.overwrote).toBeDefined()
    expect(again[2]?.winner).toMatchObject({ stamp: { clock: 7 } })
  })

  it('remembers what a halved batch still has to ask for', () => {
    const store = new FoldStore()
    store.push([acceptedOp({ pk: 'b', device: 'other' })])
    const batch = [acceptedOp({ pk: 'a' }), acceptedOp({ pk: 'b', clock: 2, base: null })]
    store.push(batch)
    store.push([batch[0]!, acceptedOp({ pk: 'c' })])
    expect(store.push([batch[1]!]).results[0]).toMatchObject({ replayed: true, overwrote: { stamp: { deviceId: 'other' } } })
  })

  it('forgets nothing that it answered since when an old request arrives a second time', () => {
    const store = new FoldStore()
    store.push([acceptedOp({ clock: 5, device: 'other' })])
    // It had lost: once the writer sends its next edit, nothing is kept of that.
    const old = acceptedOp({ clock: 2, base: null })
    store.push([old])
    const next = acceptedOp({ clock: 6, base: baseOf(old) })
    expect(store.push([next]).results[0]).toMatchObject({ applied: true, overwrote: { stamp: { deviceId: 'other' } } })
    expect(store.push([old]).results[0]).toMatchObject({ applied: false, winner: { stamp: { clock: 6 } } })
    expect(store.push([next]).results[0]).toMatchObject({ replayed: true, overwrote: { stamp: { deviceId: 'other' } } })
  })

  it('keeps the place of rejected ops and shows the server\'s row', () => {
    const store = new FoldStore()
    store.push([acceptedOp({ pk: 'a' })])
    const { results } = store.push([
      { kind: 'rejected', opId: null, errorCode: 'VALIDATION_ERROR', error: 'op: must be an object' },
      acceptedOp({ pk: 'b' }),
      { kind: 'rejected', opId: 'x', errorCode: 'OVERSIZED', error: 'payload', record: { tableName: 'todos', pk: 'a' } },
    ])
    expect(results).toMatchObject([{ opId: null, success: false }, { success: true }, { opId: 'x', errorCode: 'OVERSIZED', current: { serverVersion: 1 } }])
  })

  it('leaves payloads out of a reply that has grown large, but never what was replaced', () => {
    const store = new FoldStore()
    const big = (pk: string, clock: number, device: string) => acceptedOp({ pk, clock, device, payload: { id: pk, text: `${device}${'x'.repeat(400_000)}` }, base: null })
    const pks = [...'abcdefgh']
    store.push(pks.map(pk => big(pk, 5, 'other')))
    const lost = store.push(pks.map(pk => big(pk, 2, 'device-1'))).results
    expect(lost[0]?.winner?.payload).not.toBeNull()
    expect(lost[7]?.winner).toMatchObject({ payload: null, serverVersion: 8 })
    const won = store.push(pks.slice(0, 4).map(pk => big(pk, 9, 'device-1'))).results
    expect(won.every(result => result.overwrote?.payload?.startsWith('{"id"'))).toBe(true)
    const many = pks.map(pk => big(pk, 10, 'device-2'))
    const fold = (items: PushItem[]) => foldPush({ version: store.version, rows: store.rows, items, remembered: store.memories, now: NOW }).status
    expect(fold(many)).toBe('too-large')
    expect(fold(many.slice(0, 1))).toBe('folded')
  })

  it('F42: a batch that replaces too much is left as soon as that is known, without reading the rest', () => {
    const store = new FoldStore()
    const pks = Array.from({ length: 100 }, (_, index) => `row-${index}`)
    store.push(pks.map(pk => acceptedOp({ pk, device: 'other', payload: { id: pk, text: 'x'.repeat(200_000) } })))
    let read = 0
    for (const row of store.rows.values()) {
      const { payload } = row
      Object.defineProperty(row, 'payload', { get: () => { read++; return payload }, enumerable: true })
    }
    const items = pks.map(pk => acceptedOp({ pk, clock: 2, base: null }))
    expect(foldPush({ version: store.version, rows: store.rows, items, remembered: store.memories, now: NOW }).status).toBe('too-large')
    expect(read / 3, 'rows of which the payload was looked at, three times each').toBeLessThan(20)
  })

  it('F42: a repeat carries no more of what was replaced than a first reply may', () => {
    const store = new FoldStore()
    const big = (pk: string, clock: number, device: string) => acceptedOp({ pk, clock, device, payload: { id: pk, text: `${device}${'x'.repeat(400_000)}` }, base: null })
    const pks = [...'abcdefgh']
    store.push(pks.map(pk => big(pk, 1, 'other')))
    const sent = pks.map(pk => big(pk, 2, 'device-1'))
    // Each batch comes with an op of the one before, as from a device that has missed the answer. So the store keeps all answers.
    for (const batch of [sent.slice(0, 4), sent.slice(3, 6), sent.slice(5)]) store.push(batch)
    const again = (items: PushItem[]) => foldPush({ version: store.version, rows: store.rows, items, remembered: store.memories, now: NOW })
    expect(again(sent).status).toBe('too-large')
    const repeated = store.push(sent.slice(0, 4)).results
    expect(repeated.every(result => result.replayed && result.overwrote?.payload)).toBe(true)
  })
})

const opArbitrary = fc.record({
  pk: fc.constantFrom('a', 'b', 'c'),
  op: fc.constantFrom('put' as const, 'delete' as const),
  clock: fc.integer({ min: 1, max: 4 }),
  at: fc.integer({ min: -3, max: 3 }),
  device: fc.constantFrom('device-1', 'device-2'),
}).map(options => acceptedOp(options))

describe('foldPush, whatever arrives when', () => {
  const state = (store: FoldStore) => [...store.rows.values()].map(({ serverVersion: _, ...row }) => row).sort((a, b) => a.pk < b.pk ? -1 : 1)

  it('pitfall 18: ends with the highest revision of every record, in any order, in any batches, with any repeats', () => {
    fc.assert(fc.property(fc.array(opArbitrary, { minLength: 1, maxLength: 20 }).chain(ops => fc.tuple(
      fc.constant(ops),
      fc.array(fc.array(fc.constantFrom(...ops), { maxLength: 6 }), { maxLength: 6 }),
      fc.shuffledSubarray(ops, { minLength: ops.length }),
    )), ([ops, noise, shuffled]) => {
      const one = new FoldStore()
      one.push(ops)
      const other = new FoldStore()
      for (const batch of noise) other.push(batch)
      for (const op of shuffled) other.push([op])
      other.push(ops)
      expect(state(other)).toEqual(state(one))
      for (const row of one.rows.values()) {
        const revisions = ops.filter(op => op.pk === row.pk).map(op => op.stamp).sort(compareRevisions)
        expect(row.stamp).toEqual(revisions.at(-1))
      }
    }))
  })

  it('hands out versions one by one, without holes, and never for a repeat', () => {
    fc.assert(fc.property(fc.array(fc.array(opArbitrary, { maxLength: 8 }), { maxLength: 6 }), (batches) => {
      const store = new FoldStore()
      for (const batch of batches) {
        const before = store.version
        const { results } = store.push(batch)
        const fresh = results.filter(result => result.applied && !result.replayed).map(result => result.serverVersion)
        expect(fresh).toEqual(fresh.map((_, index) => before + 1 + index))
        const repeated = store.push(batch)
        expect(repeated.applied).toBe(0)
        // A repeat may say that the record was deleted since.
        const plain = (result: FoldedResult) => ({ ...result, replayed: true, winner: undefined })
        expect(repeated.results.map(plain)).toEqual(results.map(plain))
        repeated.results.forEach(({ winner }, index) => { if (winner?.op !== 'delete') expect(winner).toEqual(results[index]!.winner) })
      }
    }))
  })
})
