import type { StreamLimits } from '#or3-sync/shared/sync/settings/setting-types'
import { GatewayError } from '../errors/gateway-error'
import type { FeedSink } from './feed-sink'

/** Seconds after which a reader should try again if there was no room. Until then it can still pull and push. */
const RETRY_AFTER_S = '15'

/** The open change streams of this process, and their limits. */
export class StreamSlots {
  readonly #open = new Map<string, Set<FeedSink>>()
  #closing = false
  /** How many are open. */
  count = 0

  constructor(readonly limits: Required<StreamLimits>) {}

  /** @throws GatewayError 429 if the user has too many streams, 503 if the server has too many or is stopping */
  check(userId: string): void {
    if (this.#closing) throw new GatewayError(503, 'SERVER_ERROR', 'the server is stopping', { 'retry-after': '1' })
    if ((this.#open.get(userId)?.size ?? 0) >= this.limits.perUser) {
      throw new GatewayError(429, 'RATE_LIMITED', `at most ${this.limits.perUser} change streams at a time`, { 'retry-after': RETRY_AFTER_S })
    }
    if (this.count >= this.limits.total) throw new GatewayError(503, 'SERVER_ERROR', 'too many change streams are open', { 'retry-after': RETRY_AFTER_S })
  }

  /** @returns what frees the place; calling it again does nothing */
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

  /** Ends every stream. `forGood`: also refuses new ones. */
  endAll(forGood: boolean): void {
    this.#closing ||= forGood
    for (const streams of [...this.#open.values()]) for (const stream of [...streams]) stream.end()
  }
}
