import type { RowStateName } from '../../core/sync/face/row-state'
import type { FailedExport } from '../../core/sync/face/sync-queue'
import type { SyncStatus } from '../../core/sync/context/sync-status'
import type { ConflictRecord, ConflictSide, QuarantineRecord } from '../../core/sync/records/engine-records'
import type { SessionStatus } from '../../app/session-state'
import type { SubscriptionStatus, SyncOperation, SyncRole, WireErrorCode } from '../../shared/sync/protocol/types'
import type { NetworkMode } from '../network/gateway-link'
import type { TimelineEvent } from '../record/timeline'
import type { WhyReport } from '../why/why-chain'
import type { JsonRow } from './json-row'

/** Everything at a glance. Times are epoch milliseconds. */
export interface InspectorOverview {
  versions: { module: string, schema: number, protocol: number, format: number }
  sync: SyncStatus
  /** Why nothing syncs, and what to do, in one line. Null while sync works or is tried. */
  reasonWords: string | null
  session: { status: SessionStatus | 'off', userId: string | null, workspaceId: string | null, role: SyncRole | null, workspaces: string[] }
  engine: {
    provider: string
    transport: string
    subscription: SubscriptionStatus
    isPushing: boolean
    /** How long the circuit breakers let nothing through, in milliseconds. */
    breakers: { push: number, pull: number }
    /** The store's time minus this device's, in milliseconds. */
    clockOffsetMs: number
    nextRetryAt: number | null
    persisted: boolean | null
    database: string
    deviceId: string
    epoch: string | null
  } | null
  counts: { pending: number, held: number, failed: number, conflicts: number, quarantined: number, tombstones: number }
  tables: InspectorTable[]
  /** The last 10 since the page was loaded. */
  rescans: readonly { at: number, reason: string }[]
}

export interface InspectorTable {
  name: string
  rows: number
  /** The store's version up to which it is applied here. Null: it was not fetched in full yet. */
  version: number | null
  /** The epoch of the store when the table was last fetched in full. Null: unknown. */
  epoch: string | null
  /** Edits that wait, held ones included. */
  pending: number
  failed: number
  quarantined: number
}

/** One edit in the outbox. */
export interface InspectorEdit {
  id: string
  tableName: string
  pk: string
  operation: SyncOperation
  /** `aside`: it is sent by itself, because something on the way refuses it. */
  state: 'pending' | 'sending' | 'held' | 'aside' | 'failed'
  attempts: number
  clock: number
  /** Epoch milliseconds. */
  createdAt: number
  code?: WireErrorCode
  error?: string
  /** What to do about a refusal. */
  cure?: string
  /** The refused row; else the row as it is now. Undefined: a delete. */
  row?: JsonRow
}

export interface InspectorRow {
  pk: string
  /** Null: it has no revision, so it was never captured. */
  clock: number | null
  hlc: string | null
  opId: string | null
  state: RowStateName
  row: JsonRow
}

export interface RowPage {
  /** At most {@link PAGE_SIZE}, by key. */
  rows: InspectorRow[]
  /** How many rows fit the filter. */
  total: number
}

export const PAGE_SIZE = 50

export interface InspectorConflict extends Omit<ConflictRecord, 'local' | 'remote'> {
  local: InspectorSide
  remote: InspectorSide
}

/** One side of a conflict. Without a row: it is a delete, or came without its row. */
export type InspectorSide = Omit<ConflictSide, 'row'> & { row?: JsonRow }

export type InspectorQuarantined = Omit<QuarantineRecord, 'change'> & Pick<QuarantineRecord['change'], 'op' | 'serverVersion'> & {
  deviceId: string
  /** As the other device sent it: under the names of the wire. */
  row?: JsonRow
}

/**
 * What the inspector's page shows, and what it can do. It is made in the page whose engine it is, which may be another window than the one that
 * shows it: so everything is plain data, and every call answers with a promise.
 */
export interface InspectorSource {
  /** Whether rows may be written, and the network made bad: in development. */
  readonly canChange: boolean
  readonly tableNames: readonly string[]
  /** Calls back when something may have changed, at most a few times a second. @returns a function that ends this. */
  onChange: (callback: () => void) => () => void
  overview: () => Promise<InspectorOverview>
  /** Oldest first. */
  outbox: () => Promise<InspectorEdit[]>
  retry: (id?: string) => Promise<void>
  discard: (id: string) => Promise<void>
  exportFailed: () => Promise<FailedExport[]>
  /** Newest first. */
  conflicts: () => Promise<InspectorConflict[]>
  restore: (id: string) => Promise<void>
  dismiss: (id: string) => Promise<void>
  quarantine: () => Promise<InspectorQuarantined[]>
  /** `filter`: a part of the row's JSON or key, in any case. `page`: from 0. */
  rows: (tableName: string, options: { filter: string, page: number }) => Promise<RowPage>
  /** Null: there is no such row, or no such table. */
  row: (tableName: string, pk: string) => Promise<InspectorRow | null>
  /** Writes a row as the app would. Rejects if `canChange` is false. */
  write: (tableName: string, row: JsonRow) => Promise<void>
  /** Oldest first. */
  timeline: () => Promise<TimelineEvent[]>
  clearTimeline: () => Promise<void>
  why: (tableName: string, pk: string) => Promise<WhyReport>
  network: () => Promise<NetworkMode>
  /** Rejects if `canChange` is false. */
  setNetwork: (mode: NetworkMode) => Promise<void>
  /** A report for a bug tracker, as JSON. There is no row in it, and the user's id is hashed. */
  report: () => Promise<string>
  flush: () => Promise<void>
  rescan: () => Promise<void>
  /** Asks the server who is signed in. */
  refreshSession: () => Promise<void>
}
