import type { SyncStatus } from '../../core/sync/context/sync-status'
import type { ConflictRecord, OutboxRecord, QuarantineRecord, TombstoneRecord } from '../../core/sync/records/engine-records'
import type { StoredRow } from '../../core/sync/records/stored-rows'
import type { SessionState } from '../../app/session-state'
import type { SyncTable } from '../../shared/sync/schema/sync-schema'

/** Everything that decides whether a record is synced, as it is at one moment. */
export interface WhyFacts {
  tableName: string
  pk: string
  /** Undefined: the app's schema has no such table. */
  table: SyncTable | undefined
  /** The tables that it has. */
  tableNames: readonly string[]
  sync: SyncStatus
  /** Null: sync is off. */
  session: SessionState | null
  row: StoredRow | undefined
  tombstone: TombstoneRecord | undefined
  /** The outbox records with edits of this record, oldest first. */
  waiting: readonly OutboxRecord[]
  quarantined: QuarantineRecord | undefined
  conflict: ConflictRecord | undefined
  /** Whether the row stays on this device, by `exclude` or the blocklist of `kv`; or what the function threw. */
  exclusion: boolean | { error: string }
  /** Whether an edit of the record is in a push under way. */
  isSending: boolean
  /** How long the circuit breakers let nothing through, in milliseconds. */
  breakers: { push: number, pull: number }
  /** Epoch milliseconds; null: nothing waits for another try. */
  nextRetryAt: number | null
  /** Whether the feed covers the table: it was fetched in full once. */
  isTableFetched: boolean
  /** Epoch milliseconds. */
  now: number
}
