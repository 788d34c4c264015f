import type { GcRequest } from '#or3-sync/shared/sync/store/collectable'
import type { FeedRequest, PageHead } from '#or3-sync/shared/sync/store/feed-page'
import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-push'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'

export interface BackendPush {
  workspaceId: string
  userId: string
  /** In the client's order. */
  items: readonly PushItem[]
  /** Epoch milliseconds. */
  now: number
  /** These items continue the request before (a request larger than `maxOps` comes in parts). */
  continues?: boolean
  /** For `foldPush`: deletions before this time may have been purged. Absent: none are. */
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
    /** Names the commit of `serverVersion`. Absent: there was none yet, or the store names none. */
    mark?: string
    /** The store did not know the writer's mark when the batch came. */
    restored?: boolean
  }
  /** The batch replaces more than one reply can carry: nothing was written, fewer ops will pass. */
  | { status: 'too-large' }

export interface BackendPull extends FeedRequest {
  workspaceId: string
  /** Who reads, for a store that checks membership itself. Absent: the server. */
  userId?: string
}

/** One page of the feed: the latest revision of each record, in the order asked for. */
export interface FeedPage extends PageHead {
  rows: RecordRow[]
  epoch: string
}

export interface BackendCursor {
  workspaceId: string
  userId: string
  deviceId: string
  version: number
  /** Epoch milliseconds. */
  now: number
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
  /** Devices removed whose cursor was known. What their users were last answered goes with them. */
  devices: number
}

/**
 * A store behind the gateway. Membership has been checked before any of these is called.
 *
 * Every method may throw `BackendUnavailableError`. What a batch means is decided by `foldPush`, never by the store.
 */
export interface SyncBackend {
  readonly id: string
  /** The largest batch one transaction takes. Absent: any request. */
  readonly maxOps?: number
  /**
   * Reads, folds and writes in ONE transaction; versions are handed out in commit order. Without items it writes nothing, and says that pushes are taken.
   *
   * @throws FailedBatchError when the store is there and fails over these items; others may pass.
   */
  push(request: BackendPush): Promise<BackendPushOutcome>
  pull(request: BackendPull): Promise<FeedPage>
  /** Ignores a step back; `ahead`: the workspace has not reached that version. */
  updateCursor(request: BackendCursor): Promise<'ok' | 'ahead'>
  /** 0 for a workspace nobody has written to. */
  latestVersion(workspaceId: string): Promise<number>
  /** Calls back after every commit that touches the workspace, by whatever process, and when the epoch changes. */
  watch(workspaceId: string, onChange: () => void): () => void
  gc(request: BackendGc): Promise<GcCounts>
  /**
   * Removes everything a workspace holds, its name included, for good.
   *
   * Its version must go on above the old one, and the GC floor stand at it: a device that still has the rows is told to
   * rescan, also when others have written there again. A number may stay for that, under nothing that can be read back.
   */
  erase(workspaceId: string): Promise<EraseCounts>
  /** Names a new incarnation of the store, after a restore. */
  newEpoch(): Promise<string>
  /** Resolves when the store answers. */
  health(): Promise<void>
  close(): Promise<void>
}
