import { describe, expect, it } from 'vitest'
import { foldPush } from '#or3-sync/shared/sync/store/fold-push'
import type { AcceptedOp } from '#or3-sync/shared/sync/store/push-item'
import { decodePushMemory, encodePushMemory, type PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import { acceptedOp, NOW } from '../../../src/testing/contract/make-op'

/** A store of nothing but what the fold needs; memories take the way through their text. */
class Store {
  version = 0
  readonly rows = new Map<string, RecordRow>()
  readonly memories = new Map<string, string>()

  push(...items: AcceptedOp[]) {
    const remembered = new Map<string, PushMemory>([...this.memories].map(([id, text]) => [id, decodePushMemory(text)]))
    const fold = foldPush({ version: this.version, rows: this.rows, items, remembered, now: NOW })
    if (fold.status !== 'folded') throw new Error(fold.status)
    this.version = fold.version
    for (const row of fold.writes) this.rows.set(recordKey(row.tableName, row.pk), row)
    for (const [id, memory] of fold.remembered) this.memories.set(id, encodePushMemory(memory))
    return fold.results
  }
}

const titleOf = (row: RecordRow | undefined) => (JSON.parse(row?.payload ?? '{}') as { title?: string }).title

describe('what the store remembers of a writer\'s last push', () => {
  it('survives an old request that arrives a second time', () => {
    const store = new Store()
    const old = acceptedOp({ pk: 'x' })
    const unheard = acceptedOp({ pk: 'a' })
    store.push(old)
    store.push(unheard)
    store.push(old)
    store.push(acceptedOp({ pk: 'a', clock: 2, device: 'device-2', base: { clock: 1, hlc: unheard.stamp.hlc } }))
    expect(store.push(unheard)[0]).toMatchObject({ success: true, applied: true, replayed: true })
  })

  it('tells with the next edit what an unheard one replaced, also when that edit loses, and again when it is repeated', () => {
    const store = new Store()
    store.push(acceptedOp({ pk: 'a', device: 'device-2', base: null, payload: { id: 'a', title: 'theirs' } }))
    const unheard = acceptedOp({ pk: 'a', clock: 1, at: 1, base: null })
    expect(store.push(unheard)[0]?.overwrote?.stamp.deviceId).toBe('device-2')
    store.push(acceptedOp({ pk: 'a', clock: 9, device: 'device-2', base: { clock: 1, hlc: unheard.stamp.hlc } }))
    const next = acceptedOp({ pk: 'a', clock: 2, at: 2, base: null })
    const [answer] = store.push(next)
    expect(answer).toMatchObject({ success: true, applied: false, winner: { stamp: { clock: 9 } } })
    expect(answer?.overwroteEarlier?.map(titleOf)).toEqual(['theirs'])
    expect(store.push(next)[0]?.overwroteEarlier?.map(titleOf)).toEqual(['theirs'])
  })

  it('tells what an unheard edit replaced after other batches, too: the edit upon it may have been held back', () => {
    const store = new Store()
    store.push(acceptedOp({ pk: 'a', device: 'device-2', base: null, payload: { id: 'a', title: 'theirs' } }))
    store.push(acceptedOp({ pk: 'a', clock: 1, at: 1, base: null }))
    for (let clock = 1; clock <= 5; clock++) store.push(acceptedOp({ pk: 'b', clock, at: clock }))
    const released = acceptedOp({ pk: 'a', clock: 2, at: 2, base: null })
    expect(store.push(released)[0]?.overwroteEarlier?.map(titleOf)).toEqual(['theirs'])
    const heard = { clock: 2, hlc: released.stamp.hlc }
    store.push(acceptedOp({ pk: 'b', clock: 6, at: 6 }))
    expect(store.push(acceptedOp({ pk: 'a', clock: 3, at: 3, base: heard }))[0]).not.toHaveProperty('overwroteEarlier')
    store.push(acceptedOp({ pk: 'b', clock: 7, at: 7 }))
    expect(store.memories.get('device10'), 'what was heard is forgotten with the next batch').not.toContain('theirs')
  })

  it('knows an edit that was simply taken after other batches, too: it may have waited aside, and others may have written upon it', () => {
    const store = new Store()
    const unheard = acceptedOp({ pk: 'a', base: null })
    store.push(unheard)
    store.push(acceptedOp({ pk: 'a', op: 'delete', clock: 2, device: 'device-2', base: { clock: 1, hlc: unheard.stamp.hlc } }))
    for (let clock = 1; clock <= 60; clock++) store.push(acceptedOp({ pk: 'b', clock, at: clock }))
    expect(store.push(unheard)[0]).toMatchObject({ success: true, applied: true, replayed: true })
    for (let clock = 61; clock <= 300; clock++) store.push(acceptedOp({ pk: 'b', clock, at: clock }))
    expect(store.memories.get('device10')!.length, 'and it stays small').toBeLessThan(2_500)
  })

  it('carries only a little over from batch to batch: the newest', () => {
    const store = new Store()
    const pks = Array.from({ length: 30 }, (_, index) => `k${index}`)
    store.push(...pks.map(pk => acceptedOp({ pk, device: 'device-2', base: null, payload: { id: pk, title: 'x'.repeat(8_000) } })))
    store.push(...pks.map(pk => acceptedOp({ pk, clock: 2, base: null })))
    store.push(acceptedOp({ pk: 'b' }))
    const again = (pk: string) => store.push(acceptedOp({ pk, clock: 3, at: 3, base: null }))[0]
    expect(again('k29')?.overwroteEarlier).toHaveLength(1)
    expect(again('k0')).not.toHaveProperty('overwroteEarlier')
    expect(store.memories.get('device10')!.length).toBeLessThan(100_000)
  })

  it('does not tell again what the device knows: its next edit stands upon its last', () => {
    const store = new Store()
    store.push(acceptedOp({ pk: 'a', device: 'device-2', base: null }))
    const heard = acceptedOp({ pk: 'a', clock: 2, base: null })
    store.push(heard)
    const [answer] = store.push(acceptedOp({ pk: 'a', clock: 3, at: 1, base: { clock: 2, hlc: heard.stamp.hlc } }))
    expect(answer).toMatchObject({ applied: true })
    expect(answer).not.toHaveProperty('overwroteEarlier')
    expect(answer).not.toHaveProperty('overwrote')
  })

  it('says of a repeated op that its record was deleted since: a walk without tombstones would not', () => {
    const store = new Store()
    const op = acceptedOp({ pk: 'a' })
    store.push(op)
    store.push(acceptedOp({ pk: 'a', op: 'delete', clock: 2, device: 'device-2', base: { clock: 1, hlc: op.stamp.hlc } }))
    expect(store.push(op)[0]).toMatchObject({ applied: true, replayed: true, winner: { op: 'delete', stamp: { clock: 2 } } })
  })

  it('says it in place of what had won, where the op had lost: that would come back', () => {
    const store = new Store()
    const op = acceptedOp({ pk: 'a' })
    const other = acceptedOp({ pk: 'a', clock: 2, device: 'device-2' })
    store.push(other)
    expect(store.push(op)[0]).toMatchObject({ applied: false, winner: { op: 'put' } })
    store.push(acceptedOp({ pk: 'a', op: 'delete', clock: 3, device: 'device-2', base: { clock: 2, hlc: other.stamp.hlc } }))
    expect(store.push(op)[0]).toMatchObject({ applied: false, replayed: true, winner: { op: 'delete', stamp: { clock: 3 } } })
  })

  it('says it of a delete by the same writer, too, where the op is queued again by whoever does not say what it stands on', () => {
    const store = new Store()
    const op = acceptedOp({ pk: 'a' })
    store.push(op)
    store.push(op, acceptedOp({ pk: 'a', op: 'delete', clock: 2, base: { clock: 1, hlc: op.stamp.hlc } }))
    expect(store.push({ ...op, base: undefined })[0]).toMatchObject({ applied: true, replayed: true, winner: { op: 'delete', stamp: { clock: 2 } } })
  })
})
