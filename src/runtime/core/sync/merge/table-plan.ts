import type { TombstoneRecord } from '../records/engine-records'
import type { StoredRow } from '../records/stored-rows'

/** What is written of one table's records. */
export interface TablePlan {
  puts: StoredRow[]
  deletes: string[]
  tombstones: TombstoneRecord[]
  revived: [string, string][]
  /** Records for which nothing is set aside any more. */
  forgotten: [string, string][]
  /** Records of which the store's word has come on an edit that was only acknowledged. */
  confirmed: string[]
}

export function emptyPlan(): TablePlan {
  return { puts: [], deletes: [], tombstones: [], revived: [], forgotten: [], confirmed: [] }
}
