import type { FeedItem, FeedRequest, FeedTransport, OpenFeed, SteadyFeed, SteadyFeedTransport } from './feed-transport'

export interface FeedChooserOptions {
  /** Transports by which the server sends by itself, best first. */
  live: readonly FeedTransport[]
  /** Used while none of the live transports works. */
  polls: SteadyFeedTransport
}

/** Follows a feed by the best transport that works. While it polls, it keeps looking for a live one. No change is missed when it switches. */
export class FeedChooser implements SteadyFeedTransport {
  /** Whether the feed comes by a live transport now. */
  isLive = false

  constructor(private readonly options: FeedChooserOptions) {}

  async open(request: FeedRequest): Promise<SteadyFeed> {
    const first = await this.#openLive(request)
    return { items: this.#items(first, request), close: () => first?.close() }
  }

  async* #items(first: OpenFeed | null, request: FeedRequest): AsyncGenerator<FeedItem, never> {
    for (let live = first ?? (yield* this.#poll(request)); ; live = yield* this.#poll({ ...request, isLevel: false })) {
      this.isLive = true
      try { yield* live.items }
      finally {
        this.isLive = false
        live.close()
      }
    }
  }

  /** Polls until a live transport works. @returns that one */
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

  /** Null: no live transport works, or it is too early for another try. */
  async #openLive(request: FeedRequest): Promise<OpenFeed | null> {
    for (const transport of this.options.live) {
      const feed = await transport.open(request)
      if (feed) return feed
    }
    return null
  }

  /** Looks for a live transport while polling goes on. `next` returns one that was found, else starts a try if none is under way. */
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
          // A refusal can be ignored here: the next poll gets it as well.
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
