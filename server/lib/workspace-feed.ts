import { PULL_MAX_LIMIT, PULL_PAGE_BYTES } from '#or3-sync/shared/sync/limits'
import type { FeedPage, SyncBackend } from './backend'
import { serializeChanges, serializeFeed } from './serialize-feed'

/** A page of the feed and its text, made once for all streams that stand at the same place. */
export interface SharedPage {
  page: FeedPage
  /** The `changes` event's JSON, without what `exceptDevice` wrote. */
  text(exceptDevice?: string): string
}

/** Streams at a few different places share pages; further back each reads for itself. */
const CACHE_PAGES = 4

/** Wakes the streams of one workspace at every commit and reads each page once for all of them. */
export class WorkspaceFeed {
  closed = false
  private readonly listeners = new Set<() => void>()
  private readonly pages = new Map<string, Promise<SharedPage>>()
  private readonly unwatch: () => void

  constructor(readonly workspaceId: string, private readonly backend: SyncBackend, private readonly now: () => number) {
    this.unwatch = backend.watch(workspaceId, () => this.wake())
  }

  /** Calls back after every commit, and when the feed closes. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** What follows `cursor`. */
  page(cursor: number, tables: readonly string[] | undefined): Promise<SharedPage> {
    const key = JSON.stringify([cursor, tables])
    let page = this.pages.get(key)
    if (!page) {
      if (this.pages.size >= CACHE_PAGES) this.pages.delete(this.pages.keys().next().value!)
      this.pages.set(key, page = this.read(cursor, tables))
      // A failed read must not be what the next stream gets.
      page.catch(() => this.pages.delete(key))
    }
    return page
  }

  /** Lets streams look again. */
  wake(): void {
    this.pages.clear()
    for (const listener of [...this.listeners]) listener()
  }

  close(): void {
    this.closed = true
    this.unwatch()
    this.wake()
  }

  private async read(cursor: number, tables: readonly string[] | undefined): Promise<SharedPage> {
    const page = await this.backend.pull({
      workspaceId: this.workspaceId, cursor, tables, limit: PULL_MAX_LIMIT, order: 'asc', bootstrap: false, maxBytes: PULL_PAGE_BYTES,
    })
    let all: string | undefined
    return {
      page,
      text: (exceptDevice) => {
        const hasOwn = exceptDevice !== undefined && page.rows.some(row => row.stamp.deviceId === exceptDevice)
        const changes = hasOwn ? serializeChanges(page.rows, exceptDevice) : all ??= serializeChanges(page.rows)
        // Only the rows are kept: a page may be asked for again much later, and the reader sets its clock by this time.
        return serializeFeed(page, { changes, from: cursor, serverTime: this.now() })
      },
    }
  }
}
