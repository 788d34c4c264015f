import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { SyncBackend } from '../backends/backend'
import type { Budget } from '../limits/budget'
import { WorkspaceFeed } from './workspace-feed'

/** The feeds of the open streams, one for each workspace. A feed is made for its first stream and closed after its last. */
export class WorkspaceFeeds {
  readonly #open = new Map<string, { feed: WorkspaceFeed, streams: number }>()

  constructor(private readonly backend: SyncBackend, private readonly now: () => number, private readonly budget: Budget) {}

  /** Streams that are open now, over all workspaces. */
  get streams(): number {
    let count = 0
    for (const entry of this.#open.values()) count += entry.streams
    return count
  }

  /** Every acquired feed must be released once. */
  acquire(workspaceId: string): WorkspaceFeed {
    let entry = this.#open.get(workspaceId)
    if (!entry) this.#open.set(workspaceId, entry = { feed: new WorkspaceFeed(workspaceId, this.backend, this.now, this.budget), streams: 0 })
    entry.streams++
    return entry.feed
  }

  release(feed: WorkspaceFeed): void {
    const entry = this.#open.get(feed.workspaceId)
    if (!entry || entry.feed !== feed || --entry.streams > 0) return
    this.#open.delete(feed.workspaceId)
    feed.close()
  }

  /** Call it before the store takes a user's push. */
  willPush(workspaceId: string, userId: string, items: readonly PushItem[]): void {
    this.#open.get(workspaceId)?.feed.willPush(userId, items)
  }

  /** Wakes every stream for good: they see `closed` and end. */
  close(): void {
    for (const { feed } of this.#open.values()) feed.close()
    this.#open.clear()
  }
}
