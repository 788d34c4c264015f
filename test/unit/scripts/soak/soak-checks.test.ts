import { describe, expect, it } from 'vitest'
import { buildHistory } from '../../../../scripts/soak/check/build-history'
import { checkKept } from '../../../../scripts/soak/check/check-kept'
import { checkOrder } from '../../../../scripts/soak/check/check-order'
import { checkSame } from '../../../../scripts/soak/check/check-same'
import type { StoredRecord } from '../../../../scripts/soak/check/read-store'
import type { DeviceDump, DeviceEvent, SeenRevision } from '../../../../scripts/soak/device/device-events'

/** `a@2` of the node `x`: the record, the revision's clock and its node. `null` instead of a revision: nothing. */
type Seen = [name: string, group?: string]

function seen([name, group]: Seen): [string, SeenRevision] {
  const [record, clock, node = 'x'] = name.split('@')
  return [record!, [Number(clock), `000000001:0000:${node}`, name, group]]
}

let time = 0

/** A transaction of the group that replaces `reads` (names, or records that are not there) by `writes`. A name that ends in `!` is a delete. */
function wrote(group: string, writes: string[], reads: string[] = []): DeviceEvent {
  return {
    kind: 'write', at: ++time, isConsistent: true, group, quarantined: [],
    reads: reads.map(name => name.includes('@') ? seen([name]) : [name, null]),
    writes: writes.map(name => [...seen([name.replace('!', ''), name.endsWith('!') ? undefined : group]), name.endsWith('!')]),
  }
}

function read(names: (string | Seen)[], more: Partial<Extract<DeviceEvent, { kind: 'read' }>> = {}): DeviceEvent {
  return { kind: 'read', at: ++time, isConsistent: true, isFull: false, quarantined: [], changes: names.map(name => typeof name === 'string' ? seen([name]) : seen(name)), ...more }
}

function order(devices: Record<string, DeviceEvent[]>): string[] {
  return checkOrder(buildHistory(Object.entries(devices).map(([name, events]) => ({ name, events })))).map(({ kind, text }) => `${kind}: ${text}`)
}

describe('what a consistent device sees', () => {
  it('is whole when all records of a transaction are there, or stand above it', () => {
    expect(order({ writer: [wrote('w-1', ['a@1', 'b@1'])], other: [read(['a@1', 'b@1']), wrote('o-1', ['b@2'], ['b@1'])], reader: [read(['a@1', 'b@2'])] })).toEqual([])
  })

  it('is torn when a record of the transaction is missing or stands below', () => {
    const writer = [wrote('w-1', ['b@1']), wrote('w-2', ['a@1', 'b@2'], ['b@1'])]
    expect(order({ writer, reader: [read(['a@1', 'b@1'])] })).toEqual([expect.stringMatching(/^torn: reader .* sees a@1 .* of w-2, but b@1 .* and not b@2 .*, which the same transaction wrote$/)])
    expect(order({ writer, reader: [read(['a@1'])] })).toEqual([expect.stringMatching(/^torn: .* but no b and not b@2/)])
  })

  it('is torn when a delete of the transaction is missing', () => {
    expect(order({ writer: [wrote('w-1', ['b@1']), wrote('w-2', ['a@1', 'b@2!'], ['b@1'])], reader: [read(['a@1', 'b@1'])] })).toEqual([expect.stringContaining('torn: reader')])
  })

  it('is out of order when an edit shows without what its author had written before', () => {
    expect(order({ writer: [wrote('w-1', ['a@1']), wrote('w-2', ['b@1'])], reader: [read(['b@1'])] })).toEqual([expect.stringMatching(/^out of order: .* not a@1 .*, which writer had seen or written before$/)])
  })

  it('is out of order when an edit shows without what its author had read before', () => {
    const devices = { first: [wrote('f-1', ['a@1'])], writer: [read(['a@1']), wrote('w-1', ['b@1'])], reader: [read(['b@1'])] }
    expect(order(devices)).toEqual([expect.stringContaining('out of order: reader')])
  })

  it('is not judged while the device is not consistent, and in whole as soon as it is', () => {
    const writer = [wrote('w-1', ['a@1', 'b@1'])]
    expect(order({ writer, reader: [read(['a@1'], { isConsistent: false })] })).toEqual([])
    expect(order({ writer, reader: [read(['a@1'], { isConsistent: false }), read([])] })).toEqual([expect.stringContaining('torn: reader')])
  })

  it('may lack what is in quarantine, as long as it is', () => {
    const writer = [wrote('w-1', ['a@1', 'b@1'])]
    expect(order({ writer, reader: [read(['a@1'], { quarantined: ['b'] })] })).toEqual([])
    expect(order({ writer, reader: [read(['a@1'], { quarantined: ['b'] }), read([])] })).toEqual([expect.stringContaining('torn: reader')])
  })

  it('must not fall back', () => {
    expect(order({ writer: [wrote('w-1', ['a@1']), wrote('w-2', ['a@2'], ['a@1'])], reader: [read(['a@2']), read(['a@1'])] })).toEqual([expect.stringMatching(/^fell back: reader .* reads a@1 .* after a@2/)])
    // A device that was opened again reports all that it has.
    expect(order({ writer: [wrote('w-1', ['a@1'])], reader: [read(['a@1']), read([], { isFull: true })] })).toEqual([expect.stringMatching(/^fell back: reader .* reads no a after a@1/)])
  })

  it('may lack an edit that was stamped anew after an answer', () => {
    const devices = { writer: [wrote('w-1', ['a@1', 'b@1'])], reader: [read(['b@1']), read([['a@3', 'w-1']])] }
    expect(order(devices)).toEqual([])
  })
})

const dump = (more: Partial<DeviceDump> = {}): DeviceDump => ({ name: 'd1', rows: [], conflicts: [], pending: 0, failed: 0, quarantined: 0, isConsistent: true, cursor: 1, ...more })
const stored = (...names: Seen[]): Map<string, StoredRecord> => new Map(names.map((name) => {
  const [record, [clock, , opId, group]] = seen(name)
  return [record, { clock, opId, row: group === undefined ? null : { id: record, group } }]
}))

describe('an edit', () => {
  const kept = (events: DeviceEvent[], store: Map<string, StoredRecord>, ...dumps: DeviceDump[]) => checkKept(buildHistory([{ name: 'd1', events }]), store, dumps)

  it('is kept in the store, below what was made upon it, or in a conflict', () => {
    const events = [wrote('d1-1', ['a@1'], ['a']), wrote('d1-2', ['a@2'], ['a@1']), wrote('d1-3', ['b@1'], ['b'])]
    expect(kept(events, stored(['a@2', 'd1-2']), dump({ conflicts: [{ record: 'b', opId: 'b@1', group: 'd1-3' }] }))).toEqual([])
  })

  it('is lost when it is in none of these', () => {
    const events = [wrote('d1-1', ['a@1'], ['a'])]
    expect(kept(events, stored(['a@1@y', 'd2-1']), dump())).toEqual([expect.stringContaining('a@1 of d1-1 is not in the store')])
    // What was made upon it is lost as well.
    expect(kept([...events, wrote('d1-2', ['a@2'], ['a@1'])], stored(['a@3@y', 'd2-1']), dump())).toHaveLength(2)
  })

  it('has nothing to lose when it is a delete, nor has what it deletes', () => {
    expect(kept([wrote('d1-1', ['a@1'], ['a']), wrote('d1-2', ['a@2!'], ['a@1'])], stored(['a@2']), dump())).toEqual([])
  })

  it('is kept under another revision, and so is what that was made upon', () => {
    const events = [wrote('d1-1', ['a@1'], ['a']), wrote('d1-2', ['a@2'], ['a@1']), read([['a@5', 'd1-2']]), wrote('d1-3', ['a@6'], ['a@5'])]
    expect(kept(events, stored(['a@6', 'd1-3']), dump())).toEqual([])
  })
})

describe('a device at rest', () => {
  it('holds what the store holds', () => {
    const row = { id: 'a', group: 'd1-1' }
    const store = stored(['a@1', 'd1-1'], ['b@2'])
    expect(checkSame(dump({ rows: [{ record: 'a', opId: 'a@1', row }] }), store)).toEqual([])
    expect(checkSame(dump({ rows: [{ record: 'a', opId: 'a@0', row }] }), store)).toHaveLength(1)
    expect(checkSame(dump({ rows: [{ record: 'a', opId: 'a@1', row: { ...row, text: 'x' } }] }), store)).toHaveLength(1)
    expect(checkSame(dump(), store)).toEqual(['a: d1 has nothing, the store has d1-1 (a@1)'])
    expect(checkSame(dump({ rows: [{ record: 'a', opId: 'a@1', row }, { record: 'b', opId: 'b@1', row: { id: 'b', group: 'x' } }] }), store)).toEqual(['b: d1 has x (b@1), the store has nothing'])
  })
})
