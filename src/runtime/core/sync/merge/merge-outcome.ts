import type { ConflictRecord, QuarantineRecord } from '../records/engine-records'

export interface MergeOutcome {
  applied: number
  skipped: number
  /** Conflicts that this merge stored for the first time. */
  conflicts: ConflictRecord[]
  /** Changes that fail the schema and that this merge met for the first time. */
  quarantined: Pick<QuarantineRecord, 'tableName' | 'pk' | 'error'>[]
  /** How many changes were queued again because a restored store has lost them. */
  requeued: number
}

export function nothingMerged(): MergeOutcome {
  return { applied: 0, skipped: 0, conflicts: [], quarantined: [], requeued: 0 }
}
