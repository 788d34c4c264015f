import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { PULL_MAX_LIMIT, STREAM_PAGE_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import type { SyncBackend } from '../backends/backend'
import { GatewayError } from '../errors/gateway-error'
import type { Budget } from '../limits/budget'
import type { OwnEdits } from './own-edits'
import { SharedPage } from './shared-page'

/** Where a stream stands. */
export interface FeedPlace {
  cursor: number
  /** Absent: all. */
  tables?: readonly string[]
  /** Of the page before. Absent: this is the first. */
  mark?: string
}

/** Streams at a few different places share pages; further back each reads for itself. */
const CACHE_PAGES = 16
/** For so long, in milliseconds: a page takes memory, and tells the server's time. */
const CACHE_MS = 500

interface CachedPage {
  page: Promise<SharedPage>
  userId: string
  /** To be called when it leaves the cache. */
  release: () => void
}

/** Wakes the streams of one workspace at every commit and reads each page once for all of them. */
export class WorkspaceFeed {
  closed = false
  readonly #listeners = new Set<() => void>()
  readonly #own = new Set<OwnEdits>()
  readonly #pages = new Map<string, CachedPage>()
  readonly #unwatch: () => void

  constructor(readonly workspaceId: string, private readonly backend: SyncBackend, private readonly now: () => number, private readonly budget?: Budget) {
    this.#unwatch = backend.watch(workspaceId, () => this.wake())
  }

  /** Calls back after every commit, and when the feed closes. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A reader does not want back what it pushes itself. @returns what ends that */
  noteOwn(own: OwnEdits): () => void {
    this.#own.add(own)
    return () => this.#own.delete(own)
  }

  /** To be called before the store takes what a user pushes. */
  willPush(userId: string, items: readonly PushItem[]): void {
    for (const own of this.#own) own.note(userId, items)
  }

  /** What follows a place. Read on behalf of the first who asks, whom the store may check. */
  page(place: FeedPlace, userId: string): Promise<SharedPage> {
    const key = JSON.stringify([place.cursor, place.tables, place.mark])
    const shared = this.#pages.get(key)
    if (shared) return shared.userId === userId ? shared.page : shared.page.catch(error => this.#readInstead(error, place, userId))
    if (this.#pages.size >= CACHE_PAGES) this.#forget(this.#pages.keys().next().value!)
    const page = this.#read(place, userId)
    this.#keep(key, page, userId)
    return page
  }

  /** Lets streams look again. */
  wake(): void {
    for (const key of [...this.#pages.keys()]) this.#forget(key)
    for (const listener of [...this.#listeners]) listener()
  }

  close(): void {
    this.closed = true
    this.#unwatch()
    this.wake()
  }

  #keep(key: string, page: Promise<SharedPage>, userId: string): void {
    const forget = () => { if (this.#pages.get(key) === cached) this.#forget(key) }
    const timer = setTimeout(forget, CACHE_MS)
    timer.unref()
    const cached: CachedPage = { page, userId, release: () => clearTimeout(timer) }
    this.#pages.set(key, cached)
    page.then((page) => {
      if (this.#pages.get(key) !== cached) return
      const release = page.hold()
      cached.release = () => {
        clearTimeout(timer)
        release()
      }
    // A failed read must not be what the next stream gets.
    }, forget)
  }

  #forget(key: string): void {
    this.#pages.get(key)?.release()
    this.#pages.delete(key)
  }

  /** Only the other reader may have been refused. Where the store is away, one try is enough for all. */
  #readInstead(error: unknown, place: FeedPlace, userId: string): Promise<SharedPage> {
    if (!(error instanceof GatewayError)) throw error
    return this.#read(place, userId)
  }

  async #read({ cursor, tables, mark }: FeedPlace, userId: string): Promise<SharedPage> {
    const page = await this.backend.pull({
      workspaceId: this.workspaceId, userId, cursor, tables, mark, limit: PULL_MAX_LIMIT, order: 'asc', bootstrap: false, maxBytes: STREAM_PAGE_BYTES,
    })
    return new SharedPage({ page, from: cursor, serverTime: this.now(), budget: this.budget })
  }
}
