import { SyncError } from '../../../../shared/sync/protocol/errors'
import { PULL_MAX_LIMIT } from '../../../../shared/sync/protocol/limits'
import type { ChangePage, OnChanges, PullRequest, PullResponse, SubscribeOptions, SyncChange, SyncScope } from '../../../../shared/sync/protocol/types'
import { convexError } from './convex-error'
import type { ConvexWatchReply } from './convex-wire'

/** The Convex client reconnects by itself, usually within seconds. After this time the engine is told that the connection is lost. */
const DISCONNECT_GRACE_MS = 15_000

export interface ConvexSubscriptionOptions {
  scope: SyncScope
  tables: string[]
  onChanges: OnChanges
  signal: AbortSignal
  /** The engine's cursor now. It may be behind the pages that were handed over. */
  cursor: () => number
  onStatus: SubscribeOptions['onStatus']
  pull: (request: PullRequest) => Promise<PullResponse>
  /** See `OwnStretches.after`. */
  ownStretchAfter: (version: number) => number
}

/** Follows one workspace. Each time its version moves, it pulls the pages up to that version, one after the other. */
export class ConvexSubscription {
  #position = 0
  #latest: ConvexWatchReply | null = null
  #epoch: string | undefined
  /** The mark of the last page. With it the deployment can tell whether its data was replaced by a backup meanwhile. */
  #mark: string | undefined
  /** The highest version of the workspace that a page has told. The watched query may not have told it yet. */
  #seen = 0
  /** Whether the last page handed over was not the end of the feed. Then the end is handed over as well, even if it is empty. */
  #hasMore = false
  #pulling = false
  #grace: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: ConvexSubscriptionOptions) {}

  /** The watched query has a new result. */
  moved(latest: ConvexWatchReply): void {
    this.#epoch ??= latest.epoch
    if (!this.#latest) this.options.onStatus('connected')
    this.#latest = latest
    if (this.#pulling) return
    this.#pulling = true
    this.#follow().catch(error => this.fail(convexError(error))).finally(() => { this.#pulling = false })
  }

  fail(error: SyncError): void {
    if (!this.options.signal.aborted) this.options.onStatus('error', { error })
  }

  connected(isConnected: boolean): void {
    if (this.options.signal.aborted) return
    clearTimeout(this.#grace)
    this.options.onStatus(isConnected ? 'connected' : 'reconnecting')
    if (!isConnected) this.#grace = setTimeout(() => this.fail(new SyncError('NETWORK_ERROR', 'the connection to Convex was lost')), DISCONNECT_GRACE_MS)
  }

  stop(): void {
    clearTimeout(this.#grace)
  }

  async #follow(): Promise<void> {
    const { signal, cursor, scope, tables, pull, onChanges, onStatus, ownStretchAfter } = this.options
    for (;;) {
      // If our own push moved the version, its answer arrives at the same moment. Handle that first, so that its versions can be skipped.
      await new Promise(resolve => setTimeout(resolve, 0))
      if (signal.aborted) return
      this.#position = Math.max(this.#position, cursor())
      const from = this.#position
      const { latestVersion, epoch } = this.#latest!
      if (epoch === this.#epoch && latestVersion === from && !this.#hasMore) return
      const own = ownStretchAfter(from)
      if (epoch === this.#epoch && own > from) {
        // Others may have written since. And a page before may have been read at a later version: what moved there is in no page yet.
        await this.#handOver([], { from, nextCursor: own, epoch, hasMore: own < Math.max(latestVersion, this.#seen) })
        continue
      }
      const asked = this.#mark
      const page = await pull({ scope, cursor: from, limit: PULL_MAX_LIMIT, tables, ...(asked === undefined ? {} : { mark: asked }) })
      if (signal.aborted) return
      if (page.epoch !== this.#epoch) {
        // The store has a new epoch. The engine then rescans, and ends this subscription.
        this.#epoch = page.epoch
        this.#seen = 0
        await onChanges([], { from, nextCursor: from, epoch: page.epoch })
        continue
      }
      if (page.requiresRescan) return onStatus('connected', { rescan: true, restored: page.restored })
      this.#mark = page.mark
      this.#seen = Math.max(this.#seen, page.latestVersion ?? 0)
      // Nothing new. The next result of the watched query says when to look again.
      if (page.nextCursor <= from && (page.hasMore || !this.#hasMore)) return
      await this.#handOver(page.changes, { from, nextCursor: page.nextCursor, epoch: page.epoch, hasMore: page.hasMore, mark: page.mark, asked })
    }
  }

  /** Resolves when the page is applied. Only then is the next one read. */
  async #handOver(changes: SyncChange[], page: ChangePage): Promise<void> {
    this.#position = Math.max(this.#position, page.nextCursor)
    this.#hasMore = page.hasMore === true
    await this.options.onChanges(changes, page)
  }
}
