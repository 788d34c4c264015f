import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideMerge, type MetChange, type RecordHere } from '#or3-sync/core/sync/decide/decide-merge'
import type { MergeDecision } from '#or3-sync/core/sync/decide/merge-decision'
import { compareRevisions, type Revision } from '#or3-sync/shared/sync/protocol/revision'
import { isUpgradedRevision } from '#or3-sync/shared/sync/protocol/upgraded-stamp'
import { anyChange, anyRecord, frozen } from './any-record'

const RUNS = { numRuns: 3_000 }
const NOTHING: RecordHere = { row: undefined, tombstone: undefined, edit: undefined, failure: undefined, setAside: undefined, unconfirmed: undefined }

/** A property of every meeting of a record and a change. */
function always(check: (decision: MergeDecision, here: RecordHere, change: MetChange) => void): void {
  fc.assert(fc.property(anyRecord, anyChange, (here, change) => check(decideMerge(frozen(here), frozen(change)), here, change)), RUNS)
}

const isShared = ({ row }: RecordHere) => row !== undefined && !row.isPrivate && !row.isOnlyHere
const isHigher = (a: Revision, b: Revision) => compareRevisions(a, b) > 0
const usable = anyChange.map(change => ({ ...change, isUnusable: false, isExcluded: false }))

/** The record as a decision leaves it. */
function after(here: RecordHere, { op, stamp: { clock, hlc, opId: op_id } }: MetChange, decision: MergeDecision): RecordHere {
  const theirs = { clock, hlc, op_id }
  const row = decision.row !== 'theirs' ? here.row : op === 'put' ? { ...theirs, isPrivate: false, isOnlyHere: false } : undefined
  const edit = ['gone', 'requeued'].includes(decision.edits.kind) ? undefined : here.edit
  const setAside = decision.quarantine.kind === 'forgotten' ? undefined : here.setAside
  const { kind } = decision.tombstone
  const tombstone = kind === 'theirs' ? { ...theirs, tableName: 'todos', pk: 'x', deletedAt: 0 } : kind === 'gone' ? undefined : here.tombstone
  return { ...here, row, edit, setAside, tombstone }
}

const standing = ({ row, tombstone }: RecordHere) => row?.op_id ?? tombstone?.op_id

describe('a change that meets what is here of its record', () => {
  it('takes the place of a row only if it is higher', () => {
    always(({ row }, here, { stamp }) => {
      if (row !== 'theirs' || !isShared(here)) return
      const { clock = 0, hlc = '', op_id: opId = '' } = here.row!
      expect(isHigher(stamp, { clock, hlc, opId })).toBe(true)
    })
  })

  it('leaves the highest of all that came, in whatever order', () => {
    fc.assert(fc.property(fc.array(usable, { minLength: 1, maxLength: 5 }), (changes) => {
      const end = changes.reduce((here, change) => after(here, change, decideMerge(here, change)), NOTHING)
      const highest = changes.reduce((a, b) => isHigher(b.stamp, a.stamp) ? b : a)
      expect(standing(end)).toBe(highest.stamp.opId)
    }), RUNS)
  })

  it('is an echo when it comes again', () => {
    fc.assert(fc.property(anyRecord, usable, (here, change) => {
      const decision = decideMerge(here, change)
      if (decision.kind !== 'apply') return
      expect(decideMerge(after(here, change, decision), change)).toMatchObject({ kind: 'echo', conflict: null, row: 'stays' })
    }), RUNS)
  })

  it('takes no edit out of the queue unnoticed that knew nothing of it', () => {
    always(({ kind, conflict }, here, { stamp }) => {
      const { edit, row } = here
      // A row that turned private without being written keeps what the edit wrote.
      if (kind !== 'apply' || !edit || edit.base !== null || edit.unheard?.length) return
      if (isUpgradedRevision(stamp) || isUpgradedRevision(edit)) return
      if (row?.isOnlyHere) expect(conflict?.winner ?? 'remote').toBe('remote')
      else expect(conflict).toMatchObject({ winner: 'remote', local: { opId: edit.opId } })
    })
  })

  it('says in a conflict who is higher, and moves up the base of what still waits', () => {
    always(({ kind, conflict, edits }, here, { stamp: { clock, hlc } }) => {
      if (!conflict) return
      expect(conflict.winner).toBe(kind === 'stay' ? 'local' : 'remote')
      if (kind === 'stay') expect(edits).toEqual({ kind: 'based', base: { clock, hlc } })
      expect(conflict.local.op === 'put').toBe(isShared(here) || (here.row?.isOnlyHere === true && !here.row.isPrivate && kind === 'apply'))
    })
  })

  it('is in no conflict with itself', () => {
    always(({ conflict }, { edit }, { stamp }) => {
      if (conflict && edit === undefined) expect(compareRevisions(conflict.local, stamp)).not.toBe(0)
    })
  })

  it('is an edit of ours that was only acknowledged: it comes again after a later one was given up, and meets nothing', () => {
    const stamp = { deviceId: 'device', opId: 'ours', clock: 1, hlc: '000000001:0000:ournode0' }
    const unconfirmed = { id: 'unconfirmed:todos/x', tableName: 'todos', pk: 'x', op: 'put' as const, clock: 1, hlc: stamp.hlc, opId: 'ours', base: null, acknowledgedAt: 0 }
    const change: MetChange = { op: 'put', payload: { id: 'x' }, stamp, serverVersion: 1, isUnusable: false, isExcluded: false, wasSetAside: false }
    expect(decideMerge({ ...NOTHING, unconfirmed }, change)).toMatchObject({ kind: 'apply', row: 'theirs', conflict: null })
    const foreign = { ...change, stamp: { ...stamp, opId: 'theirs', hlc: '000000002:0000:theirs00' } }
    expect(decideMerge({ ...NOTHING, unconfirmed }, foreign)).toMatchObject({ kind: 'apply', row: 'theirs', conflict: { winner: 'remote', local: { opId: 'ours' } } })
  })

  it('is kept for later beside a row that is private here, if the record was made anew since the store has purged its delete', () => {
    const stamp = { deviceId: 'other', opId: 'anew', clock: 1, hlc: '000000002:0000:theirs00' }
    const change: MetChange = { op: 'put', payload: { id: 'x' }, stamp, serverVersion: 9, isUnusable: false, isExcluded: false, wasSetAside: false }
    const tombstone = { tableName: 'todos', pk: 'x', clock: 2, hlc: '000000001:0000:ournode0', op_id: 'deleted', deletedAt: 0, syncedAt: 0 }
    const here = { ...NOTHING, row: { clock: 3, hlc: '000000003:0000:ournode0', isPrivate: true, isOnlyHere: true }, tombstone }
    expect(decideMerge(here, change)).toMatchObject({ kind: 'stay', quarantine: { kind: 'stays' } })
    expect(decideMerge({ ...here, isPurged: true }, change)).toMatchObject({ kind: 'keep-row', quarantine: { kind: 'kept', reason: 'excluded' }, tombstone: { kind: 'gone' } })
  })

  it('leaves alone a row that became private without being written, if it is older than what this device has of the record', () => {
    const change = (clock: number): MetChange => ({ op: 'delete', payload: undefined, stamp: { deviceId: 'other', opId: `at ${clock}`, clock, hlc: '000000002:0000:theirs00' }, serverVersion: 9, isUnusable: false, isExcluded: false, wasSetAside: false })
    const here = { ...NOTHING, row: { clock: 3, hlc: '000000003:0000:ournode0', op_id: 'ours', isPrivate: true, isOnlyHere: false } }
    expect(decideMerge(here, change(2))).toMatchObject({ kind: 'stay', tombstone: { kind: 'stays' } })
    expect(decideMerge(here, change(4))).toMatchObject({ kind: 'keep-row', tombstone: { kind: 'theirs' } })
  })

  it('changes nothing but quarantine where it cannot be used', () => {
    always(({ kind, conflict, edits, row, tombstone, isConfirmed }, here, { isUnusable, isExcluded }) => {
      if (!isUnusable || (here.row?.isPrivate && isExcluded)) return
      expect(['ignore', 'set-aside']).toContain(kind)
      expect({ conflict, edits, row, tombstone, isConfirmed }).toEqual({ conflict: null, edits: { kind: 'stay' }, row: 'stays', tombstone: { kind: 'stays' }, isConfirmed: false })
    })
  })

  it('leaves a row that nobody else has, but for a put where that is private no more: then it is kept as a conflict, unless it is what was put', () => {
    always(({ kind, row, conflict }, here, { op, stamp }) => {
      if (!here.row || isShared(here)) return
      if (row !== 'theirs') return
      expect(here.row.isPrivate).toBe(false)
      expect(op).toBe('put')
      const isOwn = here.row.clock === stamp.clock && here.row.hlc === stamp.hlc
      expect({ kind, conflict }).toMatchObject({ kind: 'apply', conflict: isOwn ? null : { winner: 'remote', local: { op: 'put' } } })
    })
  })

  it('takes back its own edit that one tab had sent when another made the row private, and keeps a conflict if the row was written since', () => {
    const stamp = { deviceId: 'device', opId: 'ours', clock: 1, hlc: '000000001:0000:ournode0' }
    const change: MetChange = { op: 'put', payload: { id: 'x' }, stamp, serverVersion: 1, isUnusable: false, isExcluded: false, wasSetAside: false }
    const kept = { clock: 1, hlc: stamp.hlc, isPrivate: false, isOnlyHere: true }
    expect(decideMerge({ ...NOTHING, row: kept }, change)).toMatchObject({ kind: 'apply', row: 'theirs', conflict: null })
    const written = { ...kept, hlc: '000000002:0000:ournode0' }
    expect(decideMerge({ ...NOTHING, row: written }, change)).toMatchObject({ kind: 'apply', row: 'theirs', conflict: { winner: 'remote', local: { hlc: written.hlc } } })
  })

  it('keeps what it would put in the place of a private row', () => {
    always(({ kind, quarantine, tombstone }, { row, setAside }, { op, stamp }) => {
      if (kind !== 'keep-row' || op === 'delete') return
      const isLate = setAside !== undefined && isHigher(setAside.change.stamp, stamp)
      expect(row?.isPrivate).toBe(true)
      expect(quarantine).toMatchObject(isLate ? { kind: 'stays' } : { kind: 'kept', reason: 'excluded' })
      expect(tombstone.kind).not.toBe('theirs')
    })
  })

  it('takes no refused edit away, but for what an upgrade made', () => {
    always(({ kind, edits, row }, { edit }, { isUnusable }) => {
      if (edit?.status !== 'failed' || isUnusable || isUpgradedRevision(edit)) return
      expect(['keep-beside', 'wait']).toContain(kind)
      expect(['beside', 'stay']).toContain(edits.kind)
      expect(row).toBe('stays')
    })
  })

  it('keeps the newest of the store beside a refused edit', () => {
    always(({ edits }, { failure }, { stamp }) => {
      if (edits.kind !== 'beside') return
      const known = failure?.isRemoteGone ? undefined : failure?.remote
      expect(edits.remote.stamp).toEqual(known && !isHigher(stamp, known.stamp) ? known.stamp : stamp)
    })
  })

  it('leaves what is newer in quarantine', () => {
    always(({ quarantine }, { setAside }, { stamp }) => {
      if (setAside && isHigher(setAside.change.stamp, stamp)) expect(quarantine).toEqual({ kind: 'stays' })
    })
  })

  it('is queued again where a restored store has lost it, and is the store\'s again once that tells of it', () => {
    always(({ kind, edits, quarantine }, { setAside }, { stamp, wasSetAside }) => {
      const isLost = setAside?.isLost === true && compareRevisions(setAside.change.stamp, stamp) === 0
      expect(edits.kind === 'requeued').toBe(kind === 'apply' && isLost && wasSetAside)
      if (kind === 'apply' && !(isLost && wasSetAside)) expect(edits).toEqual({ kind: 'gone' })
      expect(edits.kind === 'beside' && isLost && wasSetAside).toBe(false)
      if (quarantine.kind === 'kept') expect(quarantine.isLost).toBe(isLost && wasSetAside)
      if (isLost && !wasSetAside) expect(quarantine.kind).not.toBe('stays')
    })
  })

  it('goes below a new record that could not know its delete', () => {
    always(({ kind, edits }, { edit }, { op, stamp }) => {
      if (kind !== 'raise') return
      expect([op, edit?.op, edit?.base]).toEqual(['delete', 'put', null])
      expect(edits).toEqual({ kind: 'raised', clock: stamp.clock + 1, base: { clock: stamp.clock, hlc: stamp.hlc } })
    })
  })
})
