import { RATE_WINDOW_S } from './rate-limiter'
import type { RateLimiter, RateLimitState } from './rate-limiter'
import { timelyAnswer } from './timely-limiter'

/** The part of an `unstorage` that this limiter needs. */
export interface CounterStorage {
  getItem(key: string): Promise<unknown>
  setItem(key: string, value: { count: number, endsAt: number }, options?: { ttl: number }): Promise<void>
}

/**
 * Counts in an `unstorage` that several servers share. Reading and writing are two steps. So servers that serve one user at the same instant
 * may miss a request. Where that matters, use `FlexibleRateLimiter` with a store that counts by itself.
 */
export class StorageRateLimiter implements RateLimiter {
  /**
   * The last call for each key. Calls for one key wait for one another, so that this server counts its own requests correctly. An unanswered
   * call blocks the next for a few seconds only.
   */
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(private readonly storage: CounterStorage, private readonly now: () => number = Date.now) {}

  take(key: string, limit: number, amount = 1): Promise<RateLimitState> {
    const turn = timelyAnswer((this.#last.get(key) ?? Promise.resolve()).then(() => this.#count(key, limit, amount)))
    const settled = turn.catch(() => {}).then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    })
    this.#last.set(key, settled)
    return turn
  }

  async #count(key: string, limit: number, amount: number): Promise<RateLimitState> {
    const now = this.now()
    // Some drivers treat colons and slashes in keys specially. Hex has none.
    const name = `or3-sync:limits:${Buffer.from(key).toString('hex')}`
    const stored = await this.storage.getItem(name) as { count: number, endsAt: number } | null
    const window = stored && stored.endsAt > now ? stored : { count: 0, endsAt: now + RATE_WINDOW_S * 1_000 }
    const resetMs = window.endsAt - now
    if (window.count >= limit) return { allowed: false, remaining: 0, resetMs }
    await this.storage.setItem(name, { count: window.count + amount, endsAt: window.endsAt }, { ttl: Math.ceil(resetMs / 1_000) })
    return { allowed: true, remaining: Math.max(0, limit - window.count - amount), resetMs }
  }
}
