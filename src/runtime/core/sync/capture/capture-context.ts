import type { DBCoreTable, DBCoreTransaction } from 'dexie'
import type { HybridClock } from '../../../shared/sync/protocol/hlc'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { SyncEnvironment } from '../environment/environment'
import type { CapturedOp } from '../records/captured-op'

/** What the capture of one write needs: the tables of its transaction, the options, and callbacks. */
export interface CaptureContext {
  /** The table that is written to. */
  table: SyncTable
  /** The same table, below capture: what is written here is stored as it is. */
  down: DBCoreTable
  outbox: DBCoreTable
  tombstones: DBCoreTable
  trans: DBCoreTransaction
  options: CaptureOptions
  /** The name of the transaction's group: see `OutboxRecord.group`. `hlc`: the HLC of the edits that are about to be written. */
  groupOf: (hlc: string) => string
  /** Takes ops whose outbox entries are written. They are announced once the transaction has committed. */
  captured: (ops: CapturedOp[]) => void
  /** Takes the row that is about to be refused, so that the error report can name its key. */
  noteRefused: (row: unknown) => void
  /**
   * Takes the keys of private rows that this write shares again, or deletes. While they were private, other devices' changes of the same
   * records were kept in quarantine. Once the transaction has committed, those changes are tried again.
   */
  noLongerPrivate: (pks: readonly string[]) => void
}

export interface CaptureOptions {
  hlc: HybridClock
  env: Pick<SyncEnvironment, 'clock' | 'uuid'>
  /** Whether a row stays on this device, because of its table's `exclude` or of the blocklist of `kv`. */
  isExcluded: (table: SyncTable, row: Record<string, unknown>) => boolean
}
