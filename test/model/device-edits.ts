import { OutboxView } from '#or3-sync/core/sync/queue/outbox-view'
import type { OutboxRecord } from '#or3-sync/core/sync/records/engine-records'
import type { AcceptedOp } from '#or3-sync/shared/sync/store/push-item'
import type { SyncOperation } from '#or3-sync/shared/sync/protocol/types'
import { issue, stampOf } from './hybrid-times'
import { KEY } from './merge-remote'
import type { DeviceState, ModelState } from './model-state'
import type { SmallCaseRules } from './small-case-rules'

/** The app writes: row or tombstone and outbox entry commit together, as capture has it. */
export function editHere(state: ModelState, device: DeviceState, op: SyncOperation, ms: number, rules: SmallCaseRules): ModelState {
  const { here, name } = device
  const id = `${name}${state.edits.filter(edit => edit.device === name).length + 1}`
  const stamp = stampOf(name, rules.nextClock(here?.stamp.clock), ms, id)
  const { clock, hlc, opId } = stamp
  const base = here && { clock: here.stamp.clock, hlc: here.stamp.hlc }
  const lastId = device.outbox.at(-1)?.id ?? 0
  const entry: OutboxRecord = { id: lastId + 1, tableName: 'todos', status: 'pending', createdAt: 0, ops: [{ pk: 'x', op, clock, hlc, opId, base }] }
  const next: DeviceState = { ...device, here: { op, edit: id, stamp }, outbox: [...device.outbox, entry], hlcMs: ms }
  const edits = [...state.edits, { id, device: name, op, parent: here?.edit ?? null, revision: { clock, hlc, opId } }]
  return issue(withDevice({ ...state, edits }, next), ms, opId)
}

/** The push request of what waits: the record's newest edit, with the base of its oldest. */
export function nextPush({ name, here, outbox }: DeviceState): AcceptedOp {
  const view = new OutboxView(outbox)
  const { op, clock, hlc, opId } = view.latest(KEY)!
  if (here?.stamp.opId !== opId || here.op !== op) throw new Error(`device ${name} has an outbox entry ${opId} for a row that is not here`)
  const [base, unheard] = [view.base(KEY), view.unheard(KEY)]
  return {
    kind: 'op', tableName: 'todos', pk: 'x', op,
    payload: op === 'put' ? JSON.stringify({ edit: here.edit }) : null,
    stamp: { deviceId: 'copied', opId, clock, hlc },
    ...(base === undefined ? {} : { base }),
    ...(unheard.length ? { unheard } : {}),
  }
}

export function withDevice(state: ModelState, device: DeviceState): ModelState {
  const [a, b] = state.devices
  return { ...state, devices: device.name === 'a' ? [device, b] : [a, device] }
}
