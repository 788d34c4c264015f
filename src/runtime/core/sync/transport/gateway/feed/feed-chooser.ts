import type { FeedItem, FeedRequest, FeedTransport, OpenFeed, SteadyFeed, SteadyFeedTransport } from './feed-transport'

export interface FeedChooserOptions {
  /** Ways by which the server speaks up by itself, best first. */
  live: readonly FeedTransport[]
  /** Used while none of them brings anything. */
  polls: SteadyFeedTransport
}

/** Follows a feed by the best way there is, and looks for a better one beside the polls. One goes over into the other without a gap. */
export class FeedChooser implements SteadyFeedTransport {
  constructor(private readonly options: FeedChooserOptions) {}

  async open(request: FeedRequest): Promise<SteadyFeed> {
    const first = await this.#openLive(request)
    return { items: this.#items(first, request), close: () => first?.close() }
  }

  async* #items(first: OpenFeed | null, request: FeedRequest): AsyncGenerator<FeedItem, never> {
    for (let live = first ?? (yield* this.#poll(request)); ; live = yield* this.#poll({ ...request, isLevel: false })) {
      try { yield* live.items }
      finally { live.close() }
    }
  }

  /** @returns a live way once there is one */
  async* #poll(request: FeedRequest): AsyncGenerator<FeedItem, OpenFeed> {
    const polls = await this.options.polls.open(request)
    const search = this.#searchLive(request)
    try {
      for (;;) {
        yield (await polls.items.next()).value
        const found = search.next()
        if (found) return found
      }
    }
    finally {
      search.end()
      polls.close()
    }
  }

  /** Null: none brings anything, or it is too early for another try. */
  async #openLive(request: FeedRequest): Promise<OpenFeed | null> {
    for (const transport of this.options.live) {
      const feed = await transport.open(request)
      if (feed) return feed
    }
    return null
  }

  /** Looks for a live way beside the polls, which go on meanwhile: one try at a time, begun by `next`. */
  #searchLive(request: FeedRequest): { next: () => OpenFeed | null, end: () => void } {
    let found: OpenFeed | null = null
    let isTrying = false
    let isOver = false
    const keep = (feed: OpenFeed | null) => {
      isTrying = false
      if (isOver) feed?.close()
      else found = feed
    }
    return {
      next: () => {
        const feed = found
        found = null
        if (!feed && !isTrying) {
          isTrying = true
          // A refusal meets the next poll as well.
          void this.#openLive(request).catch(() => null).then(keep)
        }
        return feed
      },
      end: () => {
        isOver = true
        found?.close()
      },
    }
  }
}
