import type { Table } from 'dexie'
import type { HybridClock } from '../../../shared/sync/protocol/hlc'
import type { SyncSchema, SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { SyncScope } from '../../../shared/sync/protocol/types'
import type { Breakers, GuardedProvider } from '../transport/circuit-breaker'
import type { EngineDatabase } from '../records/engine-database'
import type { SyncEnvironment } from '../environment/environment'
import type { OutboxStore } from '../queue/outbox-store'
import type { HeardMarks } from '../progress/heard-marks'
import type { RequestSize } from '../transport/request-size'
import type { SyncHooks } from './sync-hooks'

/** What every part of the engine is handed. */
export interface EngineContext {
  db: EngineDatabase
  outbox: OutboxStore
  schema: SyncSchema
  /** The app's tables, for transactions. */
  appTables: Table[]
  scope: SyncScope
  provider: GuardedProvider
  /** What stands before it. */
  breakers: Breakers
  hlc: HybridClock
  env: SyncEnvironment
  hooks: SyncHooks
  /** Known once the database is open. */
  deviceId: () => string
  /** Rises when the database was deleted or replaced: what was known of the one before is void. */
  incarnation: () => number
  heard: HeardMarks
  /** How many rows of a page the link carries in time. */
  pageSize: RequestSize
  isExcluded: (table: SyncTable, row: Record<string, unknown>) => boolean
  /** Whether this user may write here at this moment. */
  canWrite: () => boolean
  /** Lets hybrid time start again from corrected wall time, in every tab. */
  resetClock: () => void
  /** Takes note of a reply's `serverTime`. */
  heardFrom: (reply: { serverTime?: number }) => void
  /** Epoch milliseconds by the store's clock, as far as it is known. What is kept for a time is dated by it. */
  storeTime: () => number
  /** Whether it is known well enough to throw something away for its age. */
  isTimeSure: () => boolean
  /** The store says that workspaces or roles of this user have changed. */
  membershipsChanged: () => void
}
