import type { PullResponse, SyncScope } from '../../../../../shared/sync/protocol/types'

/** Which feed to follow, and from where. */
export interface FeedRequest {
  scope: SyncScope
  tables: string[]
  /** See `SubscribeOptions.node`. */
  node?: string
  /** The device's cursor now. It may be behind the pages that were handed over. */
  cursor: () => number
  /** Whether the device has just read everything there is, so that the first poll can wait. */
  isLevel: boolean
  /** Ends the feed. */
  signal: AbortSignal
}

/**
 * What a feed brings.
 *
 * - `page`: the page that follows version `from`. `asked` is the mark of the page before, against which the server has checked this one.
 * - `rescan`: the store asks for a rescan. `restored`: it was restored from a backup.
 * - `session`: the user's workspaces or roles have changed.
 * - `quiet`: the server is there, and has nothing new.
 */
export type FeedItem =
  | { kind: 'page', page: PullResponse, from: number, asked?: string }
  | { kind: 'rescan', restored: boolean }
  | { kind: 'session' }
  | { kind: 'quiet' }

/** A feed that is being followed. */
export interface OpenFeed {
  /**
   * The next item is read only when it is asked for, so after the last page was applied. The items end when this transport brings nothing any
   * more. That does not mean that the server is down.
   *
   * @throws SyncError when the connection breaks, or the server refuses
   */
  items: AsyncGenerator<FeedItem, void>
  /** Frees what the feed holds. Must be called when the items are over or no longer wanted. A second call does nothing. */
  close: () => void
}

/** A way to get the pages of a feed, such as an event stream or polling. The reader of the feed does not know which one it is. */
export interface FeedTransport {
  /**
   * Starts to follow the feed. Null: this transport does not work at the moment.
   *
   * @throws SyncError the server's refusal
   */
  open: (request: FeedRequest) => Promise<OpenFeed | null>
}

/** A feed whose items never end by themselves, only with an error, such as when the request's signal aborts. */
export interface SteadyFeed extends OpenFeed {
  items: AsyncGenerator<FeedItem, never>
}

/** A transport that can always be opened. */
export interface SteadyFeedTransport extends FeedTransport {
  open: (request: FeedRequest) => Promise<SteadyFeed>
}

/** Turns the server's answer to a pull into a feed item. */
export function itemOf(page: PullResponse, from: number, asked: string | undefined): FeedItem {
  return page.requiresRescan ? { kind: 'rescan', restored: page.restored === true } : { kind: 'page', page, from, asked }
}
