import type { RecordHere } from '#or3-sync/core/sync/decide/decide-merge'
import type { EditsFate } from '#or3-sync/core/sync/decide/merge-decision'
import type { OutboxView } from '#or3-sync/core/sync/queue/outbox-view'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { parseHlc } from '#or3-sync/shared/sync/protocol/hlc'
import type { BaseRevision, ChangeStamp, SyncChange, SyncOperation } from '#or3-sync/shared/sync/protocol/types'
import { stampOf } from './hybrid-times'
import type { DeviceState, ModelConflict } from './model-state'
import type { SmallCaseRules } from './small-case-rules'

/** The one record that there is. */
export const KEY = recordKey('todos', 'x')

/** A device in the midst of one transaction. */
export interface Draft {
  device: DeviceState
  outbox: OutboxView
  rules: SmallCaseRules
  /** The hybrid time of a re-stamp. */
  tick: () => number
  /** Edits that were stamped anew. */
  restamped: { opId: string, edit: string, stamp: ChangeStamp, ms: number }[]
}

/** One remote revision meets what is here, as `ConflictResolver` has it. */
export function mergeRemote(draft: Draft, change: SyncChange): void {
  const { outbox, rules } = draft
  const { here } = draft.device
  const decision = rules.decideMerge({ ...recordHere(here), edit: outbox.waiting(KEY) }, { ...change, isUnusable: false, isExcluded: false, wasSetAside: false })
  if (decision.conflict) noteConflict(draft, here!, change)
  carryOutEdits(draft, decision.edits, change)
  if (decision.row === 'theirs') draft.device = { ...draft.device, here: { op: change.op, edit: editOf(change), stamp: change.stamp } }
}

function recordHere(here: DeviceState['here']): Omit<RecordHere, 'edit'> {
  const nothingElse = { failure: undefined, setAside: undefined, unconfirmed: undefined }
  if (!here) return { row: undefined, tombstone: undefined, ...nothingElse }
  const { clock, hlc, opId: op_id } = here.stamp
  return here.op === 'put'
    ? { row: { clock, hlc, op_id, isPrivate: false, isOnlyHere: false }, tombstone: undefined, ...nothingElse }
    : { row: undefined, tombstone: { tableName: 'todos', pk: 'x', clock, hlc, op_id, deletedAt: 0 }, ...nothingElse }
}

function carryOutEdits(draft: Draft, fate: EditsFate, { stamp }: SyncChange): void {
  const { outbox, rules } = draft
  switch (fate.kind) {
    case 'stay': return
    case 'taken':
      outbox.removeUpTo(KEY, stamp)
      return
    case 'gone':
      outbox.removeAll(KEY)
      return
    case 'based':
      rules.noteKnown(outbox, KEY, fate.base)
      return
    case 'raised':
      restamp(draft, fate.base)
      outbox.removeUpTo(KEY, stamp)
      return
    case 'requeued':
    case 'beside': throw new Error(`in the small case nothing is refused, and no store restored: ${fate.kind}`)
  }
}

/** The unsent edit gets a new stamp, above `below`. */
export function restamp(draft: Draft, below: BaseRevision): void {
  const { device, outbox, rules } = draft
  const unsent = outbox.latest(KEY)!
  const ms = draft.tick()
  const stamp = stampOf(device.name, rules.nextClock(below.clock), ms, `${unsent.opId}r`)
  outbox.restamp(KEY, unsent.opId, { clock: stamp.clock, hlc: stamp.hlc, opId: stamp.opId }, { clock: below.clock, hlc: below.hlc })
  draft.restamped.push({ opId: stamp.opId, edit: device.here!.edit, stamp, ms })
  draft.device = { ...device, here: { ...device.here!, stamp }, hlcMs: ms }
}

/** Both sides of a conflict are kept, once under the remote revision: here every op has one. */
export function noteConflict(draft: Draft, local: { op: SyncOperation, edit: string }, remote: Pick<SyncChange, 'op' | 'payload' | 'stamp'>): void {
  const { device } = draft
  // Every put writes something else; two deletes are the same.
  if (local.op === 'delete' && remote.op === 'delete') return
  const conflict: ModelConflict = { remoteOpId: remote.stamp.opId, local: local.edit, remote: editOf(remote) }
  if (device.conflicts.some(({ remoteOpId }) => remoteOpId === conflict.remoteOpId)) return
  draft.device = { ...device, conflicts: [...device.conflicts, conflict] }
}

/** Whose edit a revision is: a put carries its name, a delete is stamped once. */
export function editOf({ payload, stamp }: Pick<SyncChange, 'payload' | 'stamp'>): string {
  return payload ? String(payload.edit) : stamp.opId
}

const msByHlc = new Map<string, number>()
export function msOf({ hlc }: Pick<ChangeStamp, 'hlc'>): number {
  let ms = msByHlc.get(hlc)
  if (ms === undefined) msByHlc.set(hlc, ms = parseHlc(hlc)!.ms)
  return ms
}
