import { PULL_MAX_LIMIT } from '../../../../../shared/sync/protocol/limits'
import type { GatewayCalls } from '../gateway-calls'
import { itemOf, type FeedItem, type FeedRequest, type SteadyFeed, type SteadyFeedTransport } from './feed-transport'
import { pollPause } from './poll-pause'

export interface PolledFeedOptions {
  calls: Pick<GatewayCalls, 'pull'>
  /** Pause between two polls of a visible tab, in milliseconds. */
  pollMs: number
}

/** Brings the feed by asking for the next page again and again. */
export class PolledFeed implements SteadyFeedTransport {
  constructor(private readonly options: PolledFeedOptions) {}

  async open(request: FeedRequest): Promise<SteadyFeed> {
    return { items: this.#items(request), close: () => {} }
  }

  async* #items({ scope, tables, cursor, isLevel, signal }: FeedRequest): AsyncGenerator<FeedItem, never> {
    const { calls, pollMs } = this.options
    if (isLevel) await pollPause(pollMs, signal)
    let mark: string | undefined
    // Whether the last page said that there is more. Then the page that ends it is handed on, even if it is empty.
    let hasMore = false
    for (let position = cursor(); ;) {
      const page = await calls.pull({ scope, cursor: position, limit: PULL_MAX_LIMIT, tables, mark })
      signal.throwIfAborted()
      const isNews = page.requiresRescan || page.changes.length > 0 || page.nextCursor !== position || hasMore
      yield isNews ? itemOf(page, position, mark) : { kind: 'quiet' }
      mark = page.mark
      hasMore = page.hasMore
      position = Math.max(page.nextCursor, cursor())
      if (!hasMore) await pollPause(pollMs, signal)
      signal.throwIfAborted()
    }
  }
}
