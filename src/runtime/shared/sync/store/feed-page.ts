import { knowsMarks, newestMark } from './commit-history'
import type { CommitHistory } from './commit-history'
import type { RecordRow } from './record-row'

/** What a reader asks of the feed of a workspace. */
export interface FeedRequest {
  /** Ascending: the last version seen. Descending: the exclusive upper bound, 0 for none. */
  cursor: number
  limit: number
  /** Absent: all. */
  tables?: readonly string[]
  order: 'asc' | 'desc'
  /** Leaves tombstones out, and makes the GC floor irrelevant. */
  bootstrap: boolean
  /** UTF-8 bytes of payloads, keys and device ids after which the page ends (it holds at least one row). */
  maxBytes: number
  /** The newest mark that the reader was told. One that is not part of this store's past means: restored from a backup. */
  mark?: string
}

/** What a store holds of a workspace beside its rows. */
export interface FeedState {
  version: number
  gcFloor: number
  commits: CommitHistory
}

/** How far the feed was looked at for the rows of a page (where nothing was, the cursor), and whether it goes on behind. */
export interface Walk {
  lookedAt: number
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
  /** Names the commit of `latestVersion`. Absent: there was none yet, or the store names none. */
  mark?: string
}

/** Above every version: where a walk begins that has no bound. */
export const NO_BOUND = Number.MAX_SAFE_INTEGER

/** A page before it has rows. One that requires a rescan stays as it is. */
export function openPage({ version, gcFloor, commits }: FeedState, request: FeedRequest): PageHead {
  const mark = newestMark(commits)
  const page: PageHead = { nextCursor: request.cursor, hasMore: false, latestVersion: version, requiresRescan: false, ...mark !== undefined && { mark } }
  if (request.mark !== undefined && !knowsMarks(commits, request.mark)) return { ...page, requiresRescan: true, restored: true }
  // A descending cursor may stand right above the newest row.
  const highest = request.order === 'desc' ? version + 1 : version
  const isCollected = request.order === 'asc' && !request.bootstrap && request.cursor < gcFloor
  return { ...page, requiresRescan: request.cursor > highest || isCollected }
}

/** The version from which a page walks the feed in its order. It is not part of the page itself. */
export function pageStart({ cursor, order }: Pick<FeedRequest, 'cursor' | 'order'>): number {
  return order === 'desc' && cursor === 0 ? NO_BOUND : cursor
}

/** Whether a page leaves tombstones out: who walks downwards, or begins with nothing, has no rows that they would remove. */
export function isPutsOnly({ bootstrap, order }: Pick<FeedRequest, 'bootstrap' | 'order'>): boolean {
  return bootstrap || order === 'desc'
}

/** Which rows of the feed a page lets through. */
export function pageFilter(request: Pick<FeedRequest, 'bootstrap' | 'order' | 'tables'>): (row: Pick<RecordRow, 'tableName' | 'op'>) => boolean {
  const putsOnly = isPutsOnly(request)
  const tables = request.tables && new Set(request.tables)
  return ({ tableName, op }) => !(putsOnly && op === 'delete') && (!tables || tables.has(tableName))
}

/** Whether a page that has taken so much takes a row of `bytes`, too. If not, it ends before that row, and there is more. */
export function takesRow(taken: { rows: number, bytes: number }, bytes: number, { limit, maxBytes }: Pick<FeedRequest, 'limit' | 'maxBytes'>): boolean {
  return taken.rows < limit && (taken.rows === 0 || taken.bytes + bytes <= maxBytes)
}

/** The page once it is known where it ends. */
export function closePage(page: PageHead, { order }: Pick<FeedRequest, 'order'>, { lookedAt, hasMore }: Walk): PageHead {
  // Rows that a filter left out at the end of the feed need not be looked at again.
  return { ...page, hasMore, nextCursor: order === 'desc' || hasMore ? lookedAt : page.latestVersion }
}
