import type { ConflictRecord, QuarantineRecord } from '../records/engine-records'

export interface MergeOutcome {
  applied: number
  skipped: number
  /** Recorded for the first time by this merge. */
  conflicts: ConflictRecord[]
  /** Changes that fail the schema, met for the first time by this merge. */
  quarantined: Pick<QuarantineRecord, 'tableName' | 'pk' | 'error'>[]
  /** How many of them a restored store has lost: they were queued for it. */
  requeued: number
}

export function nothingMerged(): MergeOutcome {
  return { applied: 0, skipped: 0, conflicts: [], quarantined: [], requeued: 0 }
}
