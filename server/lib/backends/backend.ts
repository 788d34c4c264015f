import type { GcRequest } from '#or3-sync/shared/sync/store/collectable'
import type { FeedRequest, PageHead } from '#or3-sync/shared/sync/store/feed-page'
import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { PageAnswer } from '#or3-sync/shared/sync/query/page-reader'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import type { SyncSchema, SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { PushLimits } from '#or3-sync/shared/sync/protocol/types'
import type { WriteRefusal, PlannedWrite } from '#or3-sync/shared/sync/store/plan-write'
import type { ListRequest } from '#or3-sync/shared/sync/store/list-request'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { ServerEdit } from '#or3-sync/shared/sync/store/server-edit'
import type { GatewaySession } from '../session/gateway-session'

/** The user who makes the request, for a store whose answers depend on it. */
export interface BackendReader {
  userId: string
  /** What the app's `session` returned. Absent: no request of the gateway's routes. */
  session?: GatewaySession
}

export interface BackendPush extends BackendReader {
  workspaceId: string
  /** In the client's order. */
  items: readonly PushItem[]
  /** Epoch milliseconds. */
  now: number
  /** For `foldPush`: deletions before this time may have been forgotten, in epoch milliseconds. Absent: none were. */
  purgedBefore?: number
  /** See `BackendPull.mark`. */
  mark?: string
}

export type BackendPushOutcome =
  | {
    status: 'pushed'
    results: FoldedResult[]
    serverVersion: number
    applied: number
    /** `previous` of `foldPush`, for the hook `or3-sync:changed`. Absent: not known. */
    previous?: readonly (Revision | null)[]
    /** The mark of the commit that made `serverVersion`. Absent: nothing was committed yet, or the store has no marks. */
    mark?: string
    /** True: the store did not know the writer's mark when the batch came, so it was restored from a backup. */
    restored?: boolean
  }
  /** The batch is too large for one transaction or one reply. Nothing was written; fewer ops can pass. */
  | { status: 'too-large', /** Which limit it exceeds. Default: that of the replaced edits. */ reason?: string }

/** `userId` absent: the server itself reads. */
export interface BackendPull extends FeedRequest, Partial<BackendReader> {
  workspaceId: string
}

/** One page of the feed: the latest revision of each record, in the order asked for. */
export interface FeedPage extends PageHead {
  rows: RecordRow[]
  epoch: string
}

/** A write of the server's own. */
export interface BackendWrite {
  workspaceId: string
  /** In the caller's order, each record once. */
  edits: readonly ServerEdit[]
  schema: SyncSchema
  /** Epoch milliseconds. */
  now: number
}

/** What `planWrite` has decided, once it is stored. `writes` is empty if nothing was, or if this is the answer to a repeated call. */
export type BackendWriteOutcome = Omit<PlannedWrite, 'writer'> | WriteRefusal

export interface BackendGet {
  workspaceId: string
  /** Wire name. */
  tableName: string
  pk: string
}

export type BackendList = ListRequest

export interface RowList {
  rows: RecordRow[]
  /** Whether more rows follow after the last one. */
  hasMore: boolean
}

export interface BackendCursor {
  workspaceId: string
  userId: string
  deviceId: string
  version: number
  /** Epoch milliseconds. */
  now: number
}

export interface BackendFind extends BackendReader {
  workspaceId: string
  table: SyncTable
  /** Checked: `index` is one of the table's, and all values are keys. */
  plan: QueryPlan
}

export interface BackendPrepare {
  schema: SyncSchema
  /** True: the store may do what keeps writers waiting for some seconds. */
  mayTakeLong: boolean
}

export type BackendGc = GcRequest

export interface GcCounts {
  /** Workspaces looked at. */
  workspaces: number
  /** Tombstones taken out of the feed. */
  tombstones: number
  /** Devices forgotten. */
  devices: number
  /** Revisions of deleted records forgotten. */
  purged: number
}

export interface EraseCounts {
  /** Records removed, deleted ones included. */
  records: number
  /** Devices removed whose cursor was known. The last answers to their users are removed too. */
  devices: number
}

/**
 * A store behind the gateway. The gateway has checked membership before it calls any of these.
 *
 * Every method may throw `BackendUnavailableError`. `foldPush` decides what a batch means; the store never does.
 */
export interface SyncBackend {
  readonly id: string
  /**
   * What one `push` takes at most. The gateway refuses a larger batch as a whole, and tells devices the limits, so that they send smaller ones.
   * What is absent has its default, which is also the highest value: see `pushLimits`.
   */
  readonly limits?: Partial<PushLimits>
  /**
   * True: two members of a workspace may get different rows. Each stream then reads its own pages, and ends when the memberships of its
   * reader change. A store that gives all members the same rows, and only refuses some users, does not need it. Default: false.
   */
  readonly isPersonal?: boolean
  /**
   * Reads, folds and writes in ONE transaction. Versions are given out in commit order. Without items it writes nothing and only shows that
   * the store takes pushes.
   *
   * @throws FailedBatchError when the store works but fails over these items; others may pass
   */
  push(request: BackendPush): Promise<BackendPushOutcome>
  pull(request: BackendPull): Promise<FeedPage>
  /**
   * Reads, decides with `planWrite` and writes in ONE transaction, like `push`: with a version for each row in commit order, in the history of
   * commits, and told to watchers. The writer of `planWrite` is kept for each workspace, in the same transaction.
   */
  write(request: BackendWrite): Promise<BackendWriteOutcome>
  /** One record. Undefined: there is none, or it is deleted. */
  get(request: BackendGet): Promise<RecordRow | undefined>
  /** Records of one table, without deleted ones, read from one snapshot. */
  list(request: BackendList): Promise<RowList>
  /**
   * Answers a query of a page from an index, as `answerPlan` would from all rows of the table. Rows are decoded and checked by `PlanReader`.
   * `value`, `version` and `epoch` are those of one snapshot. Null: the store has no index for this query. Absent or null: the gateway reads
   * the whole table with `pull`, up to a limit.
   *
   * @throws SyncError `OVERSIZED` when the query reads too much
   */
  find?(request: BackendFind): Promise<PageAnswer | null>
  /** Called when the gateway starts and with each garbage collection, so that the store can make what `find` needs. Nothing waits for it. Absent: there is nothing to make. */
  prepare?(request: BackendPrepare): Promise<void>
  /** Ignores a version below the last one. `ahead`: the workspace has not reached that version. */
  updateCursor(request: BackendCursor): Promise<'ok' | 'ahead'>
  /** 0 for a workspace that nobody has written to. */
  latestVersion(workspaceId: string): Promise<number>
  /** Calls back after every commit to the workspace, by any process, and when the epoch changes. @returns the unsubscriber */
  watch(workspaceId: string, onChange: () => void): () => void
  gc(request: BackendGc): Promise<GcCounts>
  /**
   * Removes everything a workspace holds, its name included, for good.
   *
   * Its version must continue above the old one, and its GC floor must be at that version. Then a device that still has the rows is told to
   * rescan, even if others have written there again. The store may keep a number for this, but nothing from which the name can be read.
   */
  erase(workspaceId: string): Promise<EraseCounts>
  /** Gives the store a new epoch, after it was restored from a backup. @returns the epoch */
  newEpoch(): Promise<string>
  /** Resolves when the store answers. */
  health(): Promise<void>
  close(): Promise<void>
}
