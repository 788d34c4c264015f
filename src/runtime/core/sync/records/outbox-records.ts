import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import type { OutboxOp, OutboxRecord } from './engine-records'

/**
 * Ops of one table as the outbox stores them: IndexedDB costs per record, so they take one record per 500 ops, not one each. A held op
 * has a record of its own, because it leaves on its own.
 *
 * @returns records with the ops of `sent`, in order, and then one for each of `held`
 */
export function outboxRecords(tableName: string, createdAt: number, { sent, held }: { sent: readonly OutboxOp[], held: readonly OutboxOp[] }): OutboxRecord[] {
  const records: OutboxRecord[] = []
  for (let start = 0; start < sent.length; start += PUSH_MAX_OPS) {
    records.push({ tableName, status: 'pending', createdAt, ops: sent.slice(start, start + PUSH_MAX_OPS) })
  }
  return [...records, ...held.map((op): OutboxRecord => ({ tableName, status: 'held', createdAt, ops: [op] }))]
}
