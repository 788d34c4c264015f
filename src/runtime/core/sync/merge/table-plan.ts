import type { TombstoneRecord } from '../records/engine-records'
import type { StoredRow } from '../records/stored-rows'

/** Everything that one merge writes for one table. */
export interface TablePlan {
  puts: StoredRow[]
  deletes: string[]
  tombstones: TombstoneRecord[]
  /** Keys (table, pk) of tombstones to be removed. */
  revived: [string, string][]
  /** Keys (table, pk) of quarantined changes to be removed. */
  forgotten: [string, string][]
  /** Keys of records with an edit that was only acknowledged, and whose outcome is known now. */
  confirmed: string[]
}

export function emptyPlan(): TablePlan {
  return { puts: [], deletes: [], tombstones: [], revived: [], forgotten: [], confirmed: [] }
}
