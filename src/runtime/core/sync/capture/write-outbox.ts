import type { PromiseExtended } from 'dexie'
import Dexie from 'dexie'
import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import { outboxRecords } from '../records/outbox-records'
import type { CapturedOp } from '../records/captured-op'
import type { CaptureContext } from './capture-context'

/**
 * Writes the outbox records of one call, and sets `recordId` and `group` of each op that is to be sent.
 *
 * @returns the ids of the outbox records.
 */
export function writeOutbox(context: CaptureContext, ops: readonly CapturedOp[]): PromiseExtended<number[]> {
  const sent = ops.filter(op => !op.held)
  const held = ops.filter(op => op.held)
  if (!ops.length) return Dexie.Promise.resolve([]) as PromiseExtended<number[]>
  const group = context.groupOf(ops[0]!.edit.hlc)
  const records = outboxRecords(context.table.name, { createdAt: ops[0]!.createdAt, group }, { sent: sent.map(op => op.edit), held: held.map(op => op.edit) })
  return context.outbox.mutate({ type: 'add', trans: context.trans, values: records })
    .then(({ numFailures, failures, results }) => {
      if (numFailures) throw failures[0]!
      sent.forEach((op, index) => {
        op.recordId = results![Math.floor(index / PUSH_MAX_OPS)] as number
        op.group = group
      })
      return results as number[]
    }) as PromiseExtended<number[]>
}
