import type { FeedMessage } from './feed-message'

/** Where a feed goes: the connection of one reader, whatever carries it. It finds out by itself whether its reader is still there. */
export interface FeedSink {
  readonly closed: boolean
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal
  /**
   * Resolves when the reader's side has taken the message, or is gone: then there is room for the next one.
   *
   * @returns the bytes of the message before it was packed
   */
  send: (message: FeedMessage) => Promise<number>
  /** A reader that has not taken the last message is not waited for. */
  end: () => void
}
