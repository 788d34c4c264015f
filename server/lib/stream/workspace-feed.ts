import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { PULL_MAX_LIMIT, STREAM_PAGE_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import type { BackendReader, SyncBackend } from '../backends/backend'
import { GatewayError } from '../errors/gateway-error'
import type { Budget } from '../limits/budget'
import type { OwnEdits } from './own-edits'
import { SharedPage } from './shared-page'

/** The place in the feed from which a stream reads next. */
export interface FeedPlace {
  cursor: number
  /** Absent: all tables. */
  tables?: readonly string[]
  /** The mark of the page before. Absent: this is the first page. */
  mark?: string
  /** The latest version of the workspace that the page before told. Absent: this is the first page. */
  seen?: number
}

/** Pages kept at most. Streams at a few different places share them. */
const CACHE_PAGES = 16
/** How long a page is kept, in milliseconds. Longer would take memory, and make the server's time in the page wrong. */
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

  /** Registers a reader's own edits, so that they are not sent back to it. @returns what ends that */
  noteOwn(own: OwnEdits): () => void {
    this.#own.add(own)
    return () => this.#own.delete(own)
  }

  /** Call it before the store takes a user's push. */
  willPush(userId: string, items: readonly PushItem[]): void {
    for (const own of this.#own) own.note(userId, items)
  }

  /**
   * The page at a place of the feed. It is read as the first user who asks, because the store may check that user's membership. A personal
   * store is read for each reader.
   *
   * A kept page is used only if it is no older than the pages that its reader already has. Otherwise a record that moved from this page's
   * part of the feed to a later version would be in none of the reader's pages, although the last of them says that nothing follows.
   */
  async page(place: FeedPlace, reader: BackendReader): Promise<SharedPage> {
    if (this.backend.isPersonal) return await this.#read(place, reader)
    const key = JSON.stringify([place.cursor, place.tables, place.mark])
    const kept = this.#pages.get(key)
    if (!kept) return await this.#readForAll(key, place, reader)
    const seen = place.seen ?? await this.backend.latestVersion(this.workspaceId)
    const page = await (kept.userId === reader.userId ? kept.page : kept.page.catch(error => this.#readInstead(error, place, reader)))
    if (page.page.latestVersion >= seen) return page
    if (this.#pages.get(key) === kept) this.#forget(key)
    return await this.page(place, reader)
  }

  /** Forgets the cached pages and lets all streams look again. */
  wake(): void {
    for (const key of [...this.#pages.keys()]) this.#forget(key)
    for (const listener of [...this.#listeners]) listener()
  }

  close(): void {
    this.closed = true
    this.#unwatch()
    this.wake()
  }

  #readForAll(key: string, place: FeedPlace, reader: BackendReader): Promise<SharedPage> {
    if (this.#pages.size >= CACHE_PAGES) this.#forget(this.#pages.keys().next().value!)
    const page = this.#read(place, reader)
    this.#keep(key, page, reader.userId)
    return page
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
    // The next stream must not get a failed read from the cache.
    }, forget)
  }

  #forget(key: string): void {
    this.#pages.get(key)?.release()
    this.#pages.delete(key)
  }

  /**
   * The shared read failed for another user. If the store refused that user, this user's page is read separately. If the store is away, one
   * try is enough for all.
   */
  #readInstead(error: unknown, place: FeedPlace, reader: BackendReader): Promise<SharedPage> {
    if (!(error instanceof GatewayError)) throw error
    return this.#read(place, reader)
  }

  async #read({ cursor, tables, mark }: FeedPlace, { userId, session }: BackendReader): Promise<SharedPage> {
    const page = await this.backend.pull({
      workspaceId: this.workspaceId, userId, session, cursor, tables, mark, limit: PULL_MAX_LIMIT, order: 'asc', bootstrap: false, maxBytes: STREAM_PAGE_BYTES,
    })
    return new SharedPage({ page, from: cursor, serverTime: this.now(), budget: this.budget })
  }
}
