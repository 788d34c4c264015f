import { SyncError } from '../../../../shared/sync/protocol/errors'
import { CONVEX_BATCH_OPS, CONVEX_LIMITS, REQUEST_TIMEOUT_MS } from '../../../../shared/sync/protocol/limits'
import type { OnChanges, PullRequest, PullResponse, PushBatch, PushLimits, PushOptions, PushResult, SubscribeOptions, SyncProvider, SyncScope } from '../../../../shared/sync/protocol/types'
import { linkSignals } from '../../environment/link-signals'
import type { ConvexTokenFetcher } from './convex-auth'
import { ConvexConnection, type ConvexConnectionOptions } from './convex-connection'
import { ConvexSubscription } from './convex-subscription'
import { fromConvexPull, fromConvexPush, toConvexOp, type ConvexPullReply, type ConvexPushReply, type ConvexWatchReply } from './convex-wire'
import { OwnStretches } from './own-stretches'

export interface ConvexSyncProviderOptions {
  /**
   * The app's `ConvexClient`, or a function that makes one at the first call. `dispose()` closes a client that the function made. It leaves
   * the app's own client open.
   */
  client: ConvexConnectionOptions['client']
  /** Where tokens come from. Default: the app calls `client.setAuth` itself. */
  fetchToken?: ConvexTokenFetcher
  /** The file below `convex/` that exports the sync functions. Default: `sync`. */
  functions?: string
  /** How long to wait for an answer, in milliseconds. Then the call fails. Default: 30,000. */
  timeoutMs?: number
  /** Reads the server's schema version, if it can be known. See `SyncProvider.schemaVersion`. */
  schemaVersion?: () => Promise<number | undefined>
}

/**
 * Syncs with a Convex deployment directly. It pushes by mutation, watches the workspace's version, and pulls when the version moves.
 *
 * Use a `ConvexClient` of its own for each user. The client keeps mutations that it could not deliver, and sends them as the user who is
 * signed in then.
 */
export class ConvexSyncProvider implements SyncProvider {
  readonly id = 'convex'
  readonly mode = 'direct' as const
  readonly batchOps = CONVEX_BATCH_OPS
  readonly schemaVersion?: () => Promise<number | undefined>
  readonly #connection: ConvexConnection
  readonly #own = new OwnStretches()
  readonly #disposed = new AbortController()

  constructor({ client, fetchToken, functions = 'sync', timeoutMs = REQUEST_TIMEOUT_MS, schemaVersion }: ConvexSyncProviderOptions) {
    this.#connection = new ConvexConnection({ client, fetchToken, functions, timeoutMs })
    if (schemaVersion) this.schemaVersion = schemaVersion
  }

  async push({ scope, ops, mark }: PushBatch, { signal }: PushOptions = {}): Promise<PushResult> {
    const reply = await this.#connection.mutation<ConvexPushReply>('push', { ...seatOf(scope), ops: ops.map(toConvexOp), ...(mark === undefined ? {} : { mark }) }, signal)
    const { workspaceId } = scope
    this.#own.add(workspaceId, { from: reply.serverVersion - reply.applied, to: reply.serverVersion })
    return fromConvexPush(reply)
  }

  async pull({ scope, cursor, limit, tables, order, bootstrap, mark }: PullRequest): Promise<PullResponse> {
    const optional = { ...(mark === undefined ? {} : { mark }), ...(tables ? { tables } : {}), ...(order ? { order } : {}), ...(bootstrap === undefined ? {} : { bootstrap }) }
    return fromConvexPull(await this.#connection.query<ConvexPullReply>('pull', { ...seatOf(scope), cursor, limit, ...optional }))
  }

  async pushLimits(): Promise<PushLimits> {
    return CONVEX_LIMITS
  }

  async updateCursor(scope: SyncScope, deviceId: string, version: number): Promise<void> {
    const answer = await this.#connection.mutation<'ok' | 'ahead'>('updateDeviceCursor', { ...seatOf(scope), deviceId, version })
    if (answer === 'ahead') throw new SyncError('VALIDATION_ERROR', `version: the workspace has not reached ${version}`)
  }

  async subscribe(scope: SyncScope, tables: string[], onChanges: OnChanges, options?: SubscribeOptions): Promise<() => void> {
    const { signal, abort } = linkSignals([this.#disposed.signal, options?.signal])
    const { workspaceId } = scope
    this.#own.forget(workspaceId)
    const start = options ? null : (await this.#connection.query<ConvexWatchReply>('watchChanges', seatOf(scope))).latestVersion
    const subscription = new ConvexSubscription({
      scope, tables, onChanges, signal,
      cursor: options?.cursor ?? (() => start!),
      onStatus: options?.onStatus ?? (() => {}),
      pull: request => this.pull(request),
      ownStretchAfter: version => this.#own.after(workspaceId, version),
    })
    const stopWatching = await this.#connection.watch<ConvexWatchReply>('watchChanges', seatOf(scope), value => subscription.moved(value), error => subscription.fail(error))
    const stopListening = await this.#connection.onConnected(isConnected => subscription.connected(isConnected))
    const stop = () => {
      stopWatching()
      stopListening()
      subscription.stop()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    return () => abort()
  }

  async dispose(): Promise<void> {
    this.#disposed.abort()
    await this.#connection.dispose()
  }
}

/** The workspace and the user of a call. The deployment refuses the call if its token is another user's by now. */
function seatOf({ workspaceId, userId }: SyncScope): { workspaceId: string, userId?: string } {
  return { workspaceId, ...(userId === undefined ? {} : { userId }) }
}
