/**
 * The types of the protocol: what devices and the store send each other, and what a provider must do.
 * Types only, used by the client, the server and Convex.
 */

import type { WireErrorCode } from './error-codes'

export type * from './error-codes'

/** A JSON value, as `JSON.parse` returns it. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

/** A row as it is sent: wire names, tagged values (such as `{ $date: ms }`), with the primary key and without the engine's columns. */
export type WirePayload = { [key: string]: JsonValue }

/** Where a change belongs. `projectId` is only passed on to hooks and providers; projects of a workspace share their data. */
export interface SyncScope {
  workspaceId: string
  projectId?: string
  /** The user to whom the database belongs. If another user is signed in, a provider must not send, but throw `USER_CHANGED`. */
  userId?: string
}

/** The device that made an edit, and the edit's revision (`clock`, `hlc`, `opId`). */
export interface ChangeStamp {
  deviceId: string
  /** Lower-case UUID, new for every edit. */
  opId: string
  /** Hybrid logical clock: `<ms base36, 9>:<counter base36, 4>:<node, 8 to 16>`. */
  hlc: string
  /** Whole number, 1 to 2^31-1: one more than the clock of the row that the edit changed. */
  clock: number
}

/** The revision that an edit was made upon. */
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
  /** The revision that the record had when its first unsent edit was made. Null: there was no record. Absent: unknown. */
  base?: BaseRevision | null
  /**
   * HLC nodes, at most 8, of this database's earlier edits of the record that had no answer yet. A stored revision above `base` and below
   * this edit, with one of these nodes, was known to this edit: it is no conflict.
   */
  unheard?: string[]
  /** Epoch milliseconds. */
  createdAt: number
  attempts: number
  /** Epoch milliseconds. */
  nextAttemptAt?: number
  status: PendingOpStatus
}

/** The latest revision of one record, as it is in the change feed. A delete has no payload. */
export interface SyncChange {
  serverVersion: number
  tableName: string
  pk: string
  op: SyncOperation
  payload?: WirePayload
  stamp: ChangeStamp
}

/** A revision from the store, in a push reply: one that won over an op, or one that an op replaced. */
export interface StoredRevision {
  op: SyncOperation
  /** Absent for a delete, and where the reply would have become too large. The device then pulls it. */
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

/** How much one transaction of a store takes. A larger push is refused as a whole with `OVERSIZED`. */
export interface PushLimits {
  /** Ops of one push. */
  ops: number
  /** Bytes of the request that brings them. */
  bytes: number
  /** Bytes of stored payloads that one push may replace. */
  replacedBytes: number
}

export interface PushOptions {
  /** Aborts when the engine stops. A request that was not sent yet must then not be sent. The engine does not wait for answers any more. */
  signal?: AbortSignal
}

export interface PushOpResult {
  /** Null only if the op was no object or had no readable id. */
  opId: string | null
  success: boolean
  /** With `success`: whether the op is the record's current revision. */
  applied?: boolean
  /** The store already knew the op. Nothing changed. */
  replayed?: boolean
  serverVersion?: number
  errorCode?: WireErrorCode
  error?: string
  /** The revision that won over the op. */
  winner?: StoredRevision
  /** The revision that the op replaced without having known it: a conflict. */
  overwrote?: StoredRevision
  /** The same for earlier ops of this device whose answers it never got. */
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
  /** The store was restored to a state before the batch's `mark`. The ops are answered all the same. */
  restored?: boolean
}

export interface PullRequest {
  scope: SyncScope
  /** Ascending: the last version seen. With `order: 'desc'`: the exclusive upper bound, 0 for none. */
  cursor: number
  /** 1 to 2,000 changes. */
  limit: number
  tables?: string[]
  order?: 'asc' | 'desc'
  /** Leaves tombstones out; implied by `desc`. */
  bootstrap?: boolean
  /**
   * The newest `mark` (`<version>.<time, base 36>`) that this device has received. After answers that arrived at the same time there are
   * several, separated by commas. If the store does not know one of them, it was restored from a backup.
   */
  mark?: string
}

export interface PullResponse {
  changes: SyncChange[]
  nextCursor: number
  hasMore: boolean
  latestVersion?: number
  requiresRescan?: boolean
  /** With `requiresRescan`: the store was restored to an earlier state. The device sends again what the store lacks, and removes nothing. */
  restored?: boolean
  epoch?: string
  /** Epoch milliseconds at the store. */
  serverTime?: number
  /** Names the commit of `latestVersion`. See `PullRequest.mark`. */
  mark?: string
}

/** The part of the feed that a batch of live changes covers: after version `from`, up to `nextCursor`. */
export interface ChangePage {
  from: number
  nextCursor: number
  epoch?: string
  /** Whether the store had more when the page was read. Default: false. */
  hasMore?: boolean
  /** See `PullRequest.mark`. */
  mark?: string
  /** The marks that the store checked before it gave this page, and still knew. Absent: it checked none. */
  asked?: string
}

export type SubscriptionStatus =
  | 'disconnected'
  | 'connecting'
  | 'connected'
  | 'syncing'
  | 'reconnecting'
  | 'error'

/** Called with live changes. Its promise resolves once they are applied, wait in memory for those that follow, or never will be applied. */
export type OnChanges = (changes: SyncChange[], page?: ChangePage) => void | Promise<void>

/** Optional fourth argument of `subscribe`. */
export interface SubscribeOptions {
  /** The current cursor, or the end of the pages that wait for what follows. A provider that reconnects resumes from it. */
  cursor: () => number
  /**
   * The HLC node of this engine's edits, new at each start. A provider may leave out changes that were stamped with it, because the device
   * has them. Absent: nothing may be left out. Never leave out changes by device id: device ids are copied with their databases.
   */
  node?: string
  signal: AbortSignal
  /** `session`: the workspaces or roles of this user have changed. */
  onStatus: (status: SubscriptionStatus, detail?: { error?: unknown, rescan?: boolean, restored?: boolean, session?: boolean }) => void
}

/**
 * Connects the engine to a backend. Write your own to sync with anything else.
 *
 * Errors: throw a `SyncError` to say whether trying again can help. Anything else that is thrown counts as transient.
 */
export interface SyncProvider {
  id: string
  mode: 'direct' | 'gateway'
  /** For diagnostics: how changes come while this provider is subscribed. Default: not known. */
  transport?: () => 'event-stream' | 'polling' | 'direct' | undefined
  /** Ops that one push takes at most. Default: 1,000. */
  maxOps?: number
  /** Ops that a push should carry if the app's transactions are small. A larger transaction still goes as a whole. Default: 500. */
  batchOps?: number
  /**
   * Calls `onChanges` for every change after the subscription began, and resolves to a function that ends it. `onChanges` returns a promise
   * that resolves once the changes are applied, or wait for those that follow. Await it to read no faster than this device can write.
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
  /** The server's schema version, if it has one. When it changes, ops that were refused as invalid are tried once more. */
  schemaVersion?(): Promise<number | undefined>
  /** What one push may hold, if the store tells. Asked for at each start. Undefined: not known, or the default (1,000 ops, 1 MiB). */
  pushLimits?(): Promise<PushLimits | undefined>
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
  /** What one push may hold. Absent: nobody is signed in. */
  limits?: PushLimits
  serverTime: number
}
