import type { DBCoreTable, DBCoreTransaction } from 'dexie'
import type { HybridClock } from '../../../shared/sync/protocol/hlc'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { SyncEnvironment } from '../environment/environment'
import type { CapturedOp } from '../records/captured-op'

/** What a capture step needs: the transaction that it runs in, and what stamps are made of. */
export interface CaptureContext {
  table: SyncTable
  down: DBCoreTable
  outbox: DBCoreTable
  tombstones: DBCoreTable
  trans: DBCoreTransaction
  options: CaptureOptions
  /** Ops that count once the transaction commits. */
  captured: (ops: CapturedOp[]) => void
  /** The row of the app that is about to be refused. */
  blame: (row: unknown) => void
  /** Rows that only this device had are shared again, or gone: once the transaction commits, what was set aside for them counts. */
  noLongerPrivate: (pks: readonly string[]) => void
}

export interface CaptureOptions {
  hlc: HybridClock
  env: Pick<SyncEnvironment, 'clock' | 'uuid'>
  /** Rows the `exclude` of their table (or a filter of the app) keeps on this device. */
  isExcluded: (table: SyncTable, row: Record<string, unknown>) => boolean
}
