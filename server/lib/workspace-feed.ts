import { hlcNode } from '#or3-sync/shared/sync/hlc'
import { PULL_MAX_LIMIT, PULL_PAGE_BYTES } from '#or3-sync/shared/sync/limits'
import type { FeedPage, SyncBackend } from './backend'
import { GatewayError } from './gateway-error'
import { serializeChanges, serializeFeed } from './serialize-feed'

/** Where a stream stands. */
export interface FeedPlace {
  cursor: number
  /** Absent: all. */
  tables?: readonly string[]
  /** Of the page before. Absent: this is the first. */
  mark?: string
}

/** A page of the feed and its text, made once for all streams that stand at the same place. */
export interface SharedPage {
  page: FeedPage
  /** The `changes` event's JSON, without what the HLC node `exceptNode` stamped. */
  text(exceptNode?: string): string
}

/** Streams at a few different places share pages; further back each reads for itself. */
const CACHE_PAGES = 4

/** Wakes the streams of one workspace at every commit and reads each page once for all of them. */
export class WorkspaceFeed {
  closed = false
  private readonly listeners = new Set<() => void>()
  private readonly pages = new Map<string, { page: Promise<SharedPage>, userId: string }>()
  private readonly unwatch: () => void

  constructor(readonly workspaceId: string, private readonly backend: SyncBackend, private readonly now: () => number) {
    this.unwatch = backend.watch(workspaceId, () => this.wake())
  }

  /** Calls back after every commit, and when the feed closes. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** What follows a place. Read on behalf of the first who asks, whom the store may check. */
  page(place: FeedPlace, userId: string): Promise<SharedPage> {
    const key = JSON.stringify([place.cursor, place.tables, place.mark])
    const shared = this.pages.get(key)
    if (shared) return shared.userId === userId ? shared.page : shared.page.catch(error => this.readInstead(error, place, userId))
    if (this.pages.size >= CACHE_PAGES) this.pages.delete(this.pages.keys().next().value!)
    const page = this.read(place, userId)
    this.pages.set(key, { page, userId })
    // A failed read must not be what the next stream gets.
    page.catch(() => this.pages.delete(key))
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

  /** Only the other reader may have been refused. Where the store is away, one try is enough for all. */
  private readInstead(error: unknown, place: FeedPlace, userId: string): Promise<SharedPage> {
    if (!(error instanceof GatewayError)) throw error
    return this.read(place, userId)
  }

  private async read({ cursor, tables, mark }: FeedPlace, userId: string): Promise<SharedPage> {
    const page = await this.backend.pull({
      workspaceId: this.workspaceId, userId, cursor, tables, mark, limit: PULL_MAX_LIMIT, order: 'asc', bootstrap: false, maxBytes: PULL_PAGE_BYTES,
    })
    let all: string | undefined
    return {
      page,
      text: (exceptNode) => {
        const hasOwn = exceptNode !== undefined && page.rows.some(row => hlcNode(row.stamp.hlc) === exceptNode)
        const changes = hasOwn ? serializeChanges(page.rows, exceptNode) : all ??= serializeChanges(page.rows)
        // Only the rows are kept: a page may be asked for again much later, and the reader sets its clock by this time.
        return serializeFeed(page, { changes, from: cursor, serverTime: this.now() })
      },
    }
  }
}
