import type { SyncState, SyncStatus } from '../core/sync/context/sync-status'
import type { SyncQueueItem } from '../core/sync/face/sync-queue'
import type { ConflictRecord } from '../core/sync/records/engine-records'
import type { UseSyncQueue } from '../composables/use-sync-queue'
import type { FieldDiff } from '../app/diff-rows'

/** What the default slot of `<SyncStatus>` gets: the fields of `useSyncStatus()`, and these. */
export interface SyncStatusSlot extends SyncStatus {
  /** Steadier than `useSyncStatus().state`: `syncing` and `connecting` are left out while they last less than half a second. */
  state: SyncState
  /** The state, or the reason why nothing syncs, in words. */
  words: string
  /** When the server was last heard of, in words, such as "2 minutes ago". Empty: never. */
  lastSync: string
  /** Sends what waits, without pauses. Resolves when that is done. */
  flush: () => Promise<void>
}

/** What the default slot of `<SyncQueue>` gets. The actions reject as those of `useSyncQueue()` do. */
export interface SyncQueueSlot extends Pick<UseSyncQueue, 'retry' | 'discard' | 'exportFailed'> {
  pending: readonly SyncQueueItem[]
  failed: readonly SyncQueueItem[]
  /** Why an edit was refused or waits aside, in words. Empty: neither. */
  reasonOf: (item: SyncQueueItem) => string
  /** Has the browser save the refused edits, with their rows, as a file. */
  save: () => Promise<void>
}

/** What the slot `failure` of `<SyncQueue>` gets: one edit that was refused. The actions show their errors below the lists. */
export interface SyncFailureSlot {
  item: SyncQueueItem
  /** Why it was refused, in words. */
  reason: string
  retry: () => Promise<void>
  /** Discards the edit without asking first. */
  discard: () => Promise<void>
}

/**
 * A conflict with what can be done about it. The actions reject as those of `useSyncConflicts()` do. Those that the slot `conflict` gets show their errors below the
 * list instead.
 */
export interface SyncConflictSlot {
  conflict: ConflictRecord
  /** The fields of both sides, also the equal ones. */
  fields: FieldDiff[]
  /** Whether the version of this device can be kept. It cannot if it lost and its row did not come with the answer. */
  canKeepMine: boolean
  canKeepTheirs: boolean
  /** Makes the version of this device the one that counts. */
  keepMine: () => Promise<void>
  /** Makes the other version the one that counts. */
  keepTheirs: () => Promise<void>
}

/** What the default slot of `<SyncConflicts>` gets. */
export interface SyncConflictsSlot {
  conflicts: readonly SyncConflictSlot[]
}

/** What the default slot of `<SyncProgress>` gets. */
export interface SyncProgressSlot {
  /** 0 to 1. Null: not known yet. */
  progress: number | null
  /** 0 to 100, a whole number. Null: not known yet. */
  percent: number | null
  /** How many rows have come. */
  pulledCount: number
  /** Whether this is the first sync of this device. */
  isFirst: boolean
}

/** What the slot `fallback` of `<SyncBoundary>` gets. */
export interface SyncFallbackSlot extends Pick<SyncStatus, 'state' | 'reason' | 'error' | 'progress' | 'pulledCount'> {
  /** Shows the content although the rows are not here. */
  show: () => void
}
