import { describe, expect, it } from 'vitest'
import type { CapturedOp } from '#or3-sync/core/sync/records/captured-op'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { RecentWrites } from '#or3-sync/core/sync/push/recent-writes'

const key = (pk: string) => recordKey('notes', pk)
const MIB = 1024 * 1024

function edit(pk: string, clock: number, size = MIB): CapturedOp {
  return { edit: { pk, op: 'put', clock, hlc: `${clock}`, opId: `${pk}-${clock}`, base: null }, tableName: 'notes', createdAt: 0, held: false, payload: { id: pk, clock }, size }
}

describe('F49: payloads of edits made a moment ago', () => {
  it('of a record only the newest is kept', () => {
    const writes = new RecentWrites()
    for (let clock = 1; clock <= 100; clock++) writes.remember([edit('a', clock)])
    expect([writes.bytes, writes.get(key('a'), 'a-99'), writes.get(key('a'), 'a-100')]).toEqual([MIB, undefined, { id: 'a', clock: 100 }])
  })

  it('where memory is short, the oldest go first', () => {
    const writes = new RecentWrites()
    for (let index = 0; index < 16; index++) writes.remember([edit(`${index}`, 1)])
    writes.remember([edit('0', 2), edit('new', 1)])
    expect([writes.get(key('0'), '0-2'), writes.get(key('1'), '1-1'), writes.get(key('2'), '2-1'), writes.bytes / MIB])
      .toMatchObject([{ id: '0' }, undefined, { id: '2' }, 16])
  })

  it('an acknowledgement forgets its record up to what was sent, whichever tab made the edit', () => {
    const writes = new RecentWrites()
    writes.remember([edit('a', 2), edit('b', 2)])
    writes.forget(key('a'), { clock: 3, hlc: '3', opId: 'of another tab' })
    writes.forget(key('b'), { clock: 1, hlc: '1', opId: 'b-1' })
    expect([writes.get(key('a'), 'a-2'), writes.get(key('b'), 'b-2')]).toMatchObject([undefined, { id: 'b' }])
  })

  it('a delete needs no payload', () => {
    const writes = new RecentWrites()
    writes.remember([edit('a', 1)])
    writes.remember([{ edit: { ...edit('a', 2).edit, op: 'delete' }, tableName: 'notes', createdAt: 0, held: false, payload: undefined, size: 0 }])
    expect(writes.bytes).toBe(0)
  })

  it('what was remembered before the outbox was found empty is given back, and nothing later', () => {
    const writes = new RecentWrites()
    writes.remember([edit('a', 1), edit('b', 1)])
    const { turn } = writes
    writes.remember([edit('b', 2)])
    writes.forgetUntil(turn)
    expect([writes.get(key('a'), 'a-1'), writes.get(key('b'), 'b-2')]).toMatchObject([undefined, { id: 'b' }])
  })
})
