import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import type { OutboxOp, OutboxRecord } from './engine-records'

/**
 * Packs the ops of one table into outbox records. IndexedDB costs per record, so up to 500 ops share one. A held op has a record of its own,
 * because it is released on its own. It carries the group, too: its record may stand between two others of the transaction, and without the
 * group a push could end there.
 *
 * @returns records with the ops of `sent`, in order, and then one for each of `held`
 */
export function outboxRecords(tableName: string, { createdAt, group }: Pick<OutboxRecord, 'createdAt' | 'group'>, { sent, held }: { sent: readonly OutboxOp[], held: readonly OutboxOp[] }): OutboxRecord[] {
  const shared = { tableName, createdAt, ...(group === undefined ? {} : { group }) }
  const records: OutboxRecord[] = []
  for (let start = 0; start < sent.length; start += PUSH_MAX_OPS) {
    records.push({ ...shared, status: 'pending', ops: sent.slice(start, start + PUSH_MAX_OPS) })
  }
  return [...records, ...held.map((op): OutboxRecord => ({ ...shared, status: 'held', ops: [op] }))]
}
