import type { Table } from 'dexie'
import type { HybridClock } from '../../../shared/sync/protocol/hlc'
import type { SyncSchema, SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { PushLimits, SyncProvider, SyncScope } from '../../../shared/sync/protocol/types'
import type { Breakers, GuardedProvider } from '../transport/circuit-breaker'
import type { EngineDatabase } from '../records/engine-database'
import type { SyncEnvironment } from '../environment/environment'
import type { OutboxStore } from '../queue/outbox-store'
import type { HeardMarks } from '../progress/heard-marks'
import type { RequestSize } from '../transport/request-size'
import type { UserOptions } from './name-user'
import type { SyncHooks } from './sync-hooks'

/** What every part of a page's engine gets, also before the code for syncing is here: the database, clocks, and questions to the engine. */
export interface PageContext {
  db: EngineDatabase
  schema: SyncSchema
  /** The app's tables, to be named in transactions. */
  appTables: Table[]
  scope: SyncScope
  /** The app's provider, in an object of its own for each start. */
  connection: () => { readonly provider: SyncProvider }
  /** Whom each call of the provider names. */
  user: UserOptions
  hlc: HybridClock
  env: SyncEnvironment
  hooks: SyncHooks
  /** Known once the database is open. */
  deviceId: () => string
  /** Rises when the database was deleted or replaced while it was open. What is remembered from before must not be used any more. */
  incarnation: () => number
  /** Whether a row is private. See `createExclusion`. */
  isExcluded: (table: SyncTable, row: Record<string, unknown>) => boolean
  /** Whether this user may write here at this moment. */
  canWrite: () => boolean
  /** Lets the HLC start again from the corrected time, in every tab. */
  resetClock: () => void
  /** Takes the store's time from a reply. */
  heardFrom: (reply: { serverTime?: number }) => void
  /** Epoch milliseconds by the store's clock, as far as it is known. Records that are kept for some days are dated by it. */
  storeTime: () => number
  /** Whether `storeTime` is reliable enough to delete a record because of its age. */
  isTimeSure: () => boolean
  /** Must be called when the store says that the user's workspaces or roles have changed. */
  membershipsChanged: () => void
}

/** What the parts that send and follow get, besides. */
export interface EngineContext extends Omit<PageContext, 'connection' | 'user'> {
  outbox: OutboxStore
  provider: GuardedProvider
  /** The circuit breakers of `provider`. */
  breakers: Breakers
  heard: HeardMarks
  /** What one push may hold, as the store has told. */
  storeLimits: { told?: PushLimits }
  /** How many rows a page may have, so that it arrives in time. */
  pageSize: RequestSize
}
