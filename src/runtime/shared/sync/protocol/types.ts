/**
 * The vocabulary of sync: what travels between devices and the store, and what a provider must do.
 * Pure types, used by every end.
 */

/** JSON as it travels: what `JSON.parse` can return. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

/** A row as it travels: wire names, tagged values, with the primary key and without engine columns. */
export type WirePayload = { [key: string]: JsonValue }

/** Where a change belongs. `projectId` is carried along; it does not partition. */
export interface SyncScope {
  workspaceId: string
  projectId?: string
  /** The user whose database asks. A provider must not send as somebody else: it refuses with `USER_CHANGED` instead. */
  userId?: string
}

/** Who made an edit, and its place in the one order of revisions. */
export interface ChangeStamp {
  deviceId: string
  /** Lower-case UUID, new for every edit. */
  opId: string
  /** Hybrid logical clock: `<ms base36, 9>:<counter base36, 4>:<node, 8 to 16>`. */
  hlc: string
  /** Integer revision of the record, 1 to 2^31-1. */
  clock: number
}

/** The revision an edit was made upon. */
export interface BaseRevision {
  clock: number
  hlc: string
}

export type SyncOperation = 'put' | 'delete'

export type PendingOpStatus = 'pending' | 'syncing' | 'failed' | 'held'

/** One local edit on its way to the store. The store reads `tableName, operation, pk, payload, stamp, base, unheard`. */
export interface PendingOp {
  id: string
  tableName: string
  operation: SyncOperation
  pk: string
  /** Present for a put, absent for a delete. */
  payload?: WirePayload
  stamp: ChangeStamp
  /** The revision the record had when its first unsent edit was made; null: there was none; absent: unknown. */
  base?: BaseRevision | null
  /**
   * HLC nodes, at most 8, under which this database's own unanswered edits of the record were stamped: what the store holds above `base`
   * by one of them is known to whoever made this edit.
   */
  unheard?: string[]
  /** Epoch milliseconds. */
  createdAt: number
  attempts: number
  /** Epoch milliseconds. */
  nextAttemptAt?: number
  status: PendingOpStatus
}

/** The latest revision of one record, as the change feed tells it. A delete carries no payload. */
export interface SyncChange {
  serverVersion: number
  tableName: string
  pk: string
  op: SyncOperation
  payload?: WirePayload
  stamp: ChangeStamp
}

/** A revision the store holds: what beat an op, or what an op replaced. */
export interface StoredRevision {
  op: SyncOperation
  /** Absent for a delete, and where the reply would have grown too large (the device pulls it then). */
  payload?: WirePayload
  stamp: ChangeStamp
  serverVersion: number
}

export interface PushBatch {
  scope: SyncScope
  ops: PendingOp[]
  /** See `PullRequest.mark`. */
  mark?: string
}

export interface PushOptions {
  /** Aborts when the engine stops: what has not left yet stays here. Nobody waits for the answer to what has. */
  signal?: AbortSignal
}

/** What a gateway, a store or a provider may answer. */
export type WireErrorCode
  /** What was sent, or written, is out of form. */
  = | 'VALIDATION_ERROR'
  /** It is too large: an op for its table, a request, or a batch as a whole. */
    | 'OVERSIZED'
  /** The stamp is too far ahead of the store's time. */
    | 'CLOCK_SKEW'
  /** Nobody is signed in. With `retryable: false`: this user may not be here. */
    | 'UNAUTHORIZED'
  /** Another user is signed in than the one who asks. */
    | 'USER_CHANGED'
  /** What is there does not agree with it. */
    | 'CONFLICT'
  /** What is named is not there: a route, a workspace, a record, a provider. */
    | 'NOT_FOUND'
  /** Too many requests: later. */
    | 'RATE_LIMITED'
  /** No answer, only half of one, or one that is too old to be believed. */
    | 'NETWORK_ERROR'
  /** The store or its server fails. */
    | 'SERVER_ERROR'
  /** Nobody knows what is wrong, or who has answered. */
    | 'UNKNOWN'
  /** A viewer may read, not write. */
    | 'READ_ONLY'
  /** A page of another origin asks. */
    | 'FOREIGN_ORIGIN'
  /** The server speaks another protocol than this page. */
    | 'UNSUPPORTED_PROTOCOL'
  /** Sync is off: on the server, in the app, or because this engine was closed. */
    | 'SYNC_DISABLED'

/** What only a client knows, of itself. Nobody else is believed to say it. */
export type ClientErrorCode
  /** Edits that have not reached the server would be lost. */
  = | 'UNSYNCED_WORK'
  /** A newer version of the app or of the package has changed the database: reload the page. */
    | 'NEWER_DATABASE'
  /** The database was deleted or replaced while it was in use. */
    | 'DATABASE_REPLACED'
  /** Another tab fetches everything anew: this one looks again. */
    | 'OVERTAKEN'
  /** The engine was stopped, or this tab has given up the lead, before there was an answer. */
    | 'STOPPED'

/** Every code of a `SyncError`. */
export type SyncErrorCode = WireErrorCode | ClientErrorCode

export interface PushOpResult {
  /** Null only for an op that was no object or had no readable id. */
  opId: string | null
  success: boolean
  /** With `success`: whether the op is the record's current revision. */
  applied?: boolean
  /** The op was known already: nothing changed. */
  replayed?: boolean
  serverVersion?: number
  errorCode?: WireErrorCode
  error?: string
  /** The revision that beat the op. */
  winner?: StoredRevision
  /** The concurrent revision that the op replaced. */
  overwrote?: StoredRevision
  /** What earlier ops of this device replaced, in answers that it never got. */
  overwroteEarlier?: StoredRevision[]
  /** With `success: false`: what the store holds for the record. */
  current?: StoredRevision
}

export interface PushResult {
  /** One for each op, in the order of the ops. */
  results: PushOpResult[]
  serverVersion: number
  /** Epoch milliseconds at the store. */
  serverTime?: number
  /** Names the commit of `serverVersion`. See `PullRequest.mark`. */
  mark?: string
  /** The store has gone back to an earlier state since the batch's `mark`. The ops are answered all the same. */
  restored?: boolean
}

export interface PullRequest {
  scope: SyncScope
  /** The last version seen; with `order: 'desc'` the exclusive upper bound (0 = from the latest). */
  cursor: number
  /** 1 to 2,000 changes. */
  limit: number
  tables?: string[]
  order?: 'asc' | 'desc'
  /** Leaves tombstones out; implied by `desc`. */
  bootstrap?: boolean
  /**
   * The `mark` (`<version>.<time, base 36>`) this device was told, or several with commas between where answers crossed. A store that does not know one any more has been
   * restored from a backup.
   */
  mark?: string
}

export interface PullResponse {
  changes: SyncChange[]
  nextCursor: number
  hasMore: boolean
  latestVersion?: number
  requiresRescan?: boolean
  /** With `requiresRescan`: the store has gone back to an earlier state. What it lacks is queued again, nothing is removed. */
  restored?: boolean
  epoch?: string
  /** Epoch milliseconds at the store. */
  serverTime?: number
  /** Names the commit of `latestVersion`. See `PullRequest.mark`. */
  mark?: string
}

/** Which stretch of the feed a live batch covers: it continues `from` and ends at `nextCursor`. */
export interface ChangePage {
  from: number
  nextCursor: number
  epoch?: string
  /** Whether the store had more when the page was read. Default: false. */
  hasMore?: boolean
  /** See `PullRequest.mark`. */
  mark?: string
  /** The mark, or marks, that the store knew when it gave this page. Absent: it was not asked. */
  asked?: string
}

export type SubscriptionStatus =
  | 'disconnected'
  | 'connecting'
  | 'connected'
  | 'syncing'
  | 'reconnecting'
  | 'error'

/** Takes changes as they come. Resolves when they are applied, or never will be. */
export type OnChanges = (changes: SyncChange[], page?: ChangePage) => void | Promise<void>

/** Optional fourth argument of `subscribe`. */
export interface SubscribeOptions {
  /** The cursor at this moment: where a reconnect should resume. */
  cursor: () => number
  /**
   * HLC node under which this engine stamps, made anew at each of its starts: a provider may leave out what was stamped by it. Absent: nothing
   * may be left out. Never by device: device ids are copied with their databases.
   */
  node?: string
  signal: AbortSignal
  /** `session`: the workspaces or roles of this user have changed. */
  onStatus: (status: SubscriptionStatus, detail?: { error?: unknown, rescan?: boolean, restored?: boolean, session?: boolean }) => void
}

/**
 * The one thing between the engine and a backend. Write your own to sync with anything else.
 *
 * Errors: throw a `SyncError` to say whether trying again can help; anything else counts as transient.
 */
export interface SyncProvider {
  id: string
  mode: 'direct' | 'gateway'
  /** Ops that one push takes at most. Default: 500. */
  maxOps?: number
  /**
   * Calls `onChanges` for every change after the subscription began; resolves to the clean-up. `onChanges` returns a promise of the changes
   * being applied: a provider that awaits it reads on no faster than this device writes.
   */
  subscribe(
    scope: SyncScope,
    tables: string[],
    onChanges: OnChanges,
    options?: SubscribeOptions,
  ): Promise<() => void>
  pull(request: PullRequest): Promise<PullResponse>
  push(batch: PushBatch, options?: PushOptions): Promise<PushResult>
  updateCursor?(scope: SyncScope, deviceId: string, version: number): Promise<void>
  /** The server's schema version, where it tells one: when it changes, ops refused as invalid are tried once more. */
  schemaVersion?(): Promise<number | undefined>
  dispose?(): void | Promise<void>
}

export type SyncRole = 'owner' | 'editor' | 'viewer'

export interface SyncWorkspace {
  id: string
  name: string
  role: SyncRole
}

/** Reply of `GET /session`. */
export interface SessionResponse {
  status: 'authenticated' | 'unauthenticated'
  userId: string | null
  workspaces: SyncWorkspace[]
  schemaVersion?: number
  serverTime: number
}
