import type { PullResponse, SyncScope } from '../../../../../shared/sync/protocol/types'

/** What is to be followed, and from where. */
export interface FeedRequest {
  scope: SyncScope
  tables: string[]
  /** See `SubscribeOptions.node`. */
  node?: string
  /** Where the device stands at this moment; it lags behind what was handed over. */
  cursor: () => number
  /** Whether the device has just read everything there is. */
  isLevel: boolean
  /** Ends it. */
  signal: AbortSignal
}

/**
 * - `page`: what follows `from`. `asked` is the mark of the page before, against which the server has checked this one.
 * - `rescan`: the store asks for one. `restored`: it has gone back.
 * - `session`: the user's workspaces or roles are others than before.
 * - `quiet`: the server is there, and has nothing new.
 */
export type FeedItem =
  | { kind: 'page', page: PullResponse, from: number, asked?: string }
  | { kind: 'rescan', restored: boolean }
  | { kind: 'session' }
  | { kind: 'quiet' }

/** A feed that is followed. */
export interface OpenFeed {
  /**
   * As they are asked for: the next one is read when this one is applied. They end where this way brings nothing any more, which says
   * nothing about the server.
   *
   * @throws SyncError when the connection breaks, and what the server refuses
   */
  items: AsyncGenerator<FeedItem, void>
  /** Lets go of what it holds. To be called when its items are over, or not wanted any more; a second time does no harm. */
  close: () => void
}

/** A way by which the pages of a feed come. Who follows the feed does not know which one it is. */
export interface FeedTransport {
  /**
   * Null: this way brings nothing at the moment.
   *
   * @throws SyncError the server's refusal
   */
  open: (request: FeedRequest) => Promise<OpenFeed | null>
}

/** Its items end with an error only, as when the request's signal aborts. */
export interface SteadyFeed extends OpenFeed {
  items: AsyncGenerator<FeedItem, never>
}

/** A way that is always there. */
export interface SteadyFeedTransport extends FeedTransport {
  open: (request: FeedRequest) => Promise<SteadyFeed>
}

/** A page as an item of the feed. */
export function itemOf(page: PullResponse, from: number, asked: string | undefined): FeedItem {
  return page.requiresRescan ? { kind: 'rescan', restored: page.restored === true } : { kind: 'page', page, from, asked }
}
