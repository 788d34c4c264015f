import { knowsMarks, newestMark } from './commit-history'
import type { CommitHistory } from './commit-history'
import type { RecordRow } from './record-row'

/** A request for one page of a workspace's feed. */
export interface FeedRequest {
  /** Ascending: the last version seen. Descending: the exclusive upper bound, 0 for none. */
  cursor: number
  limit: number
  /** Absent: all. */
  tables?: readonly string[]
  order: 'asc' | 'desc'
  /** Leaves tombstones out. The cursor may then be below the GC floor. */
  bootstrap: boolean
  /** UTF-8 bytes of payloads, keys and device ids after which the page ends. It always holds at least one row. */
  maxBytes: number
  /** The newest mark that the reader has received. If this store's history lacks it, the store was restored from a backup. */
  mark?: string
}

/** What a store knows of a workspace besides its rows. */
export interface FeedState {
  version: number
  gcFloor: number
  commits: CommitHistory
}

/** How far the store has read the feed to fill a page. */
export interface Walk {
  /** The last version that was read, or the cursor if nothing was. */
  lookedAt: number
  /** Whether the feed goes on after that. */
  hasMore: boolean
}

/** A page of the feed without its rows. */
export interface PageHead {
  nextCursor: number
  hasMore: boolean
  latestVersion: number
  /** The cursor cannot be continued: it is above the store's version or below the GC floor. */
  requiresRescan: boolean
  /** With `requiresRescan`: the store does not know the reader's mark. */
  restored?: true
  /** Names the commit of `latestVersion`. Absent: there was no commit yet, or the store has no marks. */
  mark?: string
}

/** Above every version: where a descending walk begins if it has no upper bound. */
export const NO_BOUND = Number.MAX_SAFE_INTEGER

/** The head of a page, before its rows are read. If `requiresRescan` is true, the page is finished and gets no rows. */
export function openPage({ version, gcFloor, commits }: FeedState, request: FeedRequest): PageHead {
  const mark = newestMark(commits)
  const page: PageHead = { nextCursor: request.cursor, hasMore: false, latestVersion: version, requiresRescan: false, ...mark !== undefined && { mark } }
  if (request.mark !== undefined && !knowsMarks(commits, request.mark)) return { ...page, requiresRescan: true, restored: true }
  // A descending cursor is an exclusive bound, so it may be one above the newest version.
  const highest = request.order === 'desc' ? version + 1 : version
  const isCollected = request.order === 'asc' && !request.bootstrap && request.cursor < gcFloor
  return { ...page, requiresRescan: request.cursor > highest || isCollected }
}

/** The version at which a page begins to read the feed. That version itself is not in the page. */
export function pageStart({ cursor, order }: Pick<FeedRequest, 'cursor' | 'order'>): number {
  return order === 'desc' && cursor === 0 ? NO_BOUND : cursor
}

/** Whether a page leaves tombstones out. A walk needs none: a new device has no rows to remove, and a rescan removes the rows that it did not find. */
export function isPutsOnly({ bootstrap, order }: Pick<FeedRequest, 'bootstrap' | 'order'>): boolean {
  return bootstrap || order === 'desc'
}

/** The filter of a page: which rows of the feed it takes. */
export function pageFilter(request: Pick<FeedRequest, 'bootstrap' | 'order' | 'tables'>): (row: Pick<RecordRow, 'tableName' | 'op'>) => boolean {
  const putsOnly = isPutsOnly(request)
  const tables = request.tables && new Set(request.tables)
  return ({ tableName, op }) => !(putsOnly && op === 'delete') && (!tables || tables.has(tableName))
}

/** Whether a page that has `taken` so much also takes a row of `bytes`. If not, the page ends before that row, and `hasMore` is true. */
export function takesRow(taken: { rows: number, bytes: number }, bytes: number, { limit, maxBytes }: Pick<FeedRequest, 'limit' | 'maxBytes'>): boolean {
  return taken.rows < limit && (taken.rows === 0 || taken.bytes + bytes <= maxBytes)
}

/** The head of a page, once the store knows where the page ends. */
export function closePage(page: PageHead, { order }: Pick<FeedRequest, 'order'>, { lookedAt, hasMore }: Walk): PageHead {
  // At the end of the feed the cursor moves to the latest version, so that rows which the filter left out are not read again.
  return { ...page, hasMore, nextCursor: order === 'desc' || hasMore ? lookedAt : page.latestVersion }
}
