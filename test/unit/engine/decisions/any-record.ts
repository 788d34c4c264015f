import fc from 'fast-check'
import type { MetChange, RecordHere } from '#or3-sync/core/sync/decide/decide-merge'
import type { WaitingEdit } from '#or3-sync/core/sync/decide/edits-meet'
import type { OutboxFailure, QuarantineRecord, TombstoneRecord, UnconfirmedEdit } from '#or3-sync/core/sync/records/engine-records'
import { formatHlc, UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import type { BaseRevision, ChangeStamp, StoredRevision, SyncOperation, WireErrorCode } from '#or3-sync/shared/sync/protocol/types'

const NODES = ['ournode0', 'oldnode0', 'theirs00']

/** Few values, so that the same ones meet. An op id names one revision. */
export const anyStamp: fc.Arbitrary<ChangeStamp> = fc
  .record({ clock: fc.integer({ min: 1, max: 3 }), ms: fc.integer({ min: 1, max: 3 }), node: fc.constantFrom(...NODES), isUpgraded: fc.boolean() })
  .map(({ clock, ms, node, isUpgraded }) => {
    const stamp = isUpgraded && ms === 1 ? { clock: 1, hlc: UPGRADED_HLC } : { clock, hlc: formatHlc({ ms, counter: 0, node }) }
    return { ...stamp, deviceId: 'device', opId: `${stamp.clock}-${stamp.hlc}` }
  })

export const anyOp: fc.Arbitrary<SyncOperation> = fc.constantFrom('put', 'delete')

export const anyRevision: fc.Arbitrary<StoredRevision> = fc.record({ op: anyOp, stamp: anyStamp, hasPayload: fc.boolean(), serverVersion: fc.integer({ min: 1, max: 9 }) })
  .map(({ op, stamp, hasPayload, serverVersion }) => ({ op, stamp, serverVersion, ...(op === 'put' && hasPayload ? { payload: { id: 'x' } } : {}) }))

const anyBase: fc.Arbitrary<BaseRevision | null | undefined> = fc.oneof(fc.constant(null), fc.constant(undefined), anyStamp.map(({ clock, hlc }) => ({ clock, hlc })))

const anyGround = fc.record({ op: anyOp, stamp: anyStamp, base: anyBase, unheard: fc.subarray(NODES) })
  .map(({ op, stamp: { clock, hlc, opId }, base, unheard }) => ({ op, clock, hlc, opId, base, unheard }))

export const anyEdit: fc.Arbitrary<WaitingEdit> = fc.record({ ground: anyGround, status: fc.constantFrom('pending', 'held', 'failed') })
  .map(({ ground, status }) => ({ ...ground, status }))

export const ALL_CODES: WireErrorCode[] = ['VALIDATION_ERROR', 'OVERSIZED', 'CLOCK_SKEW', 'UNAUTHORIZED', 'CONFLICT', 'NOT_FOUND', 'RATE_LIMITED', 'SERVER_ERROR', 'UNKNOWN', 'READ_ONLY']

export const anyFailure: fc.Arbitrary<OutboxFailure> = fc.record({ code: fc.constantFrom(...ALL_CODES), remote: fc.option(anyRevision, { nil: undefined }), isRemoteGone: fc.boolean() })
  .map(({ code, remote, isRemoteGone }) => ({ code, message: code, failedAt: 0, attempts: 1, remote, ...(isRemoteGone ? { isRemoteGone } : {}) }))

export const anySetAside: fc.Arbitrary<QuarantineRecord> = fc
  .record({ change: anyRevision, reason: fc.constantFrom<QuarantineRecord['reason'][]>('schema', 'excluded', 'unanswered'), isLost: fc.boolean() })
  .map(({ change, reason, isLost }) => ({ tableName: 'todos', pk: 'x', change, reason, receivedAt: 0, ...(isLost ? { isLost: true as const } : {}) }))

const anyTombstone: fc.Arbitrary<TombstoneRecord> = fc.record({ stamp: anyStamp, isGivenUp: fc.boolean(), unheard: fc.subarray(NODES) })
  .map(({ stamp: { clock, hlc, opId: op_id }, isGivenUp, unheard }) => ({ tableName: 'todos', pk: 'x', clock, hlc, op_id, deletedAt: 0, ...(isGivenUp ? { isGivenUp, unheard } : {}) }))

const anyUnconfirmed: fc.Arbitrary<UnconfirmedEdit> = anyGround.map(ground => ({ ...ground, id: 'unconfirmed:todos/x', tableName: 'todos', pk: 'x', acknowledgedAt: 0 }))

const anyRow = fc.record({ stamp: anyStamp, isPrivate: fc.boolean(), isOnlyHere: fc.boolean() })
  .map(({ stamp: { clock, hlc, opId: op_id }, isPrivate, isOnlyHere }) => ({ clock, hlc, isPrivate, isOnlyHere, ...(isOnlyHere ? {} : { op_id }) }))

/** What may be here of a record. The newest edit waits or was refused; the row or the tombstone is what it left, where it is no private one. */
export const anyRecord: fc.Arbitrary<RecordHere> = fc.record({
  row: fc.option(anyRow, { nil: undefined }),
  tombstone: fc.option(anyTombstone, { nil: undefined }),
  edit: fc.option(anyEdit, { nil: undefined }),
  failure: fc.option(anyFailure, { nil: undefined }),
  setAside: fc.option(anySetAside, { nil: undefined }),
  unconfirmed: fc.option(anyUnconfirmed, { nil: undefined }),
}).map((here) => {
  const { row, edit, failure } = here
  const isShared = row && !row.isPrivate && !row.isOnlyHere
  return {
    ...here,
    tombstone: isShared ? undefined : here.tombstone,
    row: isShared && edit ? { ...row, clock: edit.clock, hlc: edit.hlc, op_id: edit.opId } : row,
    failure: edit?.status === 'failed' ? failure ?? { code: 'READ_ONLY', message: '', failedAt: 0, attempts: 1 } : failure,
  }
})

export const anyChange: fc.Arbitrary<MetChange> = fc.record({ revision: anyRevision, isUnusable: fc.boolean(), isExcluded: fc.boolean(), wasSetAside: fc.boolean() })
  .map(({ revision, isUnusable, isExcluded, wasSetAside }) => ({ ...revision, isUnusable: isUnusable || isExcluded, isExcluded, wasSetAside }))

/** A decision must change nothing that it is given. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
