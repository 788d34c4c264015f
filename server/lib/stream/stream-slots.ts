import type { StreamLimits } from '#or3-sync/shared/sync/settings/setting-types'
import { GatewayError } from '../errors/gateway-error'
import type { FeedSink } from './feed-sink'

/** Seconds after which a reader that found no room should come back. Until then it still pulls and pushes. */
const RETRY_AFTER_S = '15'

/** The change streams that are open here, and how many there may be. */
export class StreamSlots {
  readonly #open = new Map<string, Set<FeedSink>>()
  #closing = false
  /** How many are open. */
  count = 0

  constructor(readonly limits: Required<StreamLimits>) {}

  /** @throws GatewayError 429 for one stream of the user too many, 503 for one of the server too many, or when it is stopping */
  check(userId: string): void {
    if (this.#closing) throw new GatewayError(503, 'SERVER_ERROR', 'the server is stopping', { 'retry-after': '1' })
    if ((this.#open.get(userId)?.size ?? 0) >= this.limits.perUser) {
      throw new GatewayError(429, 'RATE_LIMITED', `at most ${this.limits.perUser} change streams at a time`, { 'retry-after': RETRY_AFTER_S })
    }
    if (this.count >= this.limits.total) throw new GatewayError(503, 'SERVER_ERROR', 'too many change streams are open', { 'retry-after': RETRY_AFTER_S })
  }

  /** @returns what gives the place back, once. */
  add(userId: string, stream: FeedSink): () => void {
    let streams = this.#open.get(userId)
    if (!streams) this.#open.set(userId, streams = new Set())
    streams.add(stream)
    this.count++
    return () => {
      if (!streams.delete(stream)) return
      this.count--
      if (streams.size === 0 && this.#open.get(userId) === streams) this.#open.delete(userId)
    }
  }

  /** Ends every stream. `forGood`: and takes no new ones. */
  endAll(forGood: boolean): void {
    this.#closing ||= forGood
    for (const streams of [...this.#open.values()]) for (const stream of [...streams]) stream.end()
  }
}
