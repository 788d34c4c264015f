import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { TombstoneRecord } from '../records/engine-records'
import type { StoredRow } from '../rows/row-revisions'
import type { RemoteChange } from './remote-change'

/** What becomes of one table's records. */
export interface TablePlan {
  puts: StoredRow[]
  deletes: string[]
  tombstones: TombstoneRecord[]
  revived: [string, string][]
  /** Records for which nothing is set aside any more. */
  settled: string[]
  /** Records of which the store's word has come on an edit that was only acknowledged. */
  confirmed: string[]
}

/** The remote revision takes the place of what is here. */
export function planApply(table: SyncTable, change: RemoteChange, tombstone: TombstoneRecord | undefined, plan: TablePlan, now: number): void {
  const { clock, hlc, opId } = change.stamp
  if (change.op === 'put') {
    plan.puts.push({ ...change.row, clock, hlc, op_id: opId })
    if (tombstone) plan.revived.push([table.name, change.pk])
    return
  }
  plan.deletes.push(change.pk)
  planTombstone(table, change, plan, now)
}

/** The record is deleted, as far as others know. */
export function planTombstone(table: SyncTable, { pk, stamp: { clock, hlc, opId } }: RemoteChange, plan: TablePlan, now: number): void {
  plan.tombstones.push({ tableName: table.name, pk, clock, hlc, op_id: opId, deletedAt: now, syncedAt: now })
}
