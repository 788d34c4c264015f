import type { PromiseExtended } from 'dexie'
import Dexie from 'dexie'
import { PUSH_MAX_OPS } from '../../../shared/sync/limits'
import type { OutboxOp, OutboxRecord } from '../database/engine-records'
import type { CapturedOp } from './captured-op'
import type { CaptureContext } from './capture-context'

/**
 * Writes the outbox entries of one call: IndexedDB costs per record, so a call takes one record per 500 ops, not one per row.
 * A held op has a record of its own, because it leaves on its own.
 *
 * @returns the keys of the records written.
 */
export function writeOutbox(context: CaptureContext, ops: readonly CapturedOp[]): PromiseExtended<number[]> {
  const records: OutboxRecord[] = []
  const parts: (readonly CapturedOp[])[] = []
  const createdAt = ops[0]?.createdAt ?? 0
  const sent = ops.filter(op => !op.held)
  for (let start = 0; start < sent.length; start += PUSH_MAX_OPS) {
    const part = sent.slice(start, start + PUSH_MAX_OPS)
    parts.push(part)
    records.push({ tableName: context.table.name, status: 'pending', createdAt, ops: part.map(toOutboxOp) })
  }
  for (const op of ops) {
    if (op.held) records.push({ tableName: context.table.name, status: 'held', createdAt, ops: [toOutboxOp(op)] })
  }
  if (!records.length) return Dexie.Promise.resolve([]) as PromiseExtended<number[]>
  return context.outbox.mutate({ type: 'add', trans: context.trans, values: records })
    .then(({ numFailures, failures, results }) => {
      if (numFailures) throw failures[0]!
      parts.forEach((part, index) => { for (const op of part) op.recordId = results![index] as number })
      return results as number[]
    }) as PromiseExtended<number[]>
}

function toOutboxOp({ pk, op, clock, hlc, opId, base }: CapturedOp): OutboxOp {
  return { pk, op, clock, hlc, opId, base }
}
