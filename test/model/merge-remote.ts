import type { OutboxView } from '#or3-sync/core/sync/queue/outbox-view'
import { recordKey } from '#or3-sync/core/sync/records/record-key'
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
  const unsent = outbox.latest(KEY)
  const decision = rules.decideMerge({
    revision: here?.stamp,
    hasRow: here?.op === 'put',
    isRefused: false,
    unsent: unsent && { op: unsent.op, clock: unsent.clock, hlc: unsent.hlc, base: outbox.base(KEY), unheard: outbox.unheard(KEY) },
    unconfirmed: undefined,
  }, { op: change.op, stamp: change.stamp, isInvalid: false })
  switch (decision.kind) {
    case 'echo':
      outbox.removeUpTo(KEY, change.stamp)
      break
    case 'raise':
      restamp(draft, change.stamp)
      outbox.removeUpTo(KEY, change.stamp)
      break
    case 'stay':
      if (!decision.meets) break
      noteConflict(draft, here!, change)
      rules.noteKnown(outbox, KEY, { clock: change.stamp.clock, hlc: change.stamp.hlc })
      break
    case 'apply':
      if (decision.meets) noteConflict(draft, here!, change)
      outbox.removeAll(KEY)
      draft.device = { ...draft.device, here: { op: change.op, edit: editOf(change), stamp: change.stamp } }
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
