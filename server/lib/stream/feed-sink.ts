import type { FeedMessage } from './feed-message'

/** Where a feed is sent: the connection of one reader, over any transport. It notices by itself when the reader is gone. */
export interface FeedSink {
  readonly closed: boolean
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal
  /**
   * Resolves when there is room for the next message, or when the reader is gone.
   *
   * @returns the bytes of the message before compression
   */
  send: (message: FeedMessage) => Promise<number>
  /** Ends the connection, without waiting for a reader that has not taken the last message. */
  end: () => void
}
