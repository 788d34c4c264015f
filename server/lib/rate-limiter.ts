export interface RateLimiter {
  /** Takes one from `key`'s allowance of `limit` a minute. @returns seconds to wait, or 0 when there was one left. */
  take(key: string, limit: number, now: number): number
}

const WINDOW_MS = 60_000
const MAX_KEYS = 10_000

/** Counts in this process's memory, in windows of one minute. */
export class MemoryRateLimiter implements RateLimiter {
  private readonly windows = new Map<string, { startedAt: number, count: number }>()

  take(key: string, limit: number, now: number): number {
    let window = this.windows.get(key)
    if (!window || now - window.startedAt >= WINDOW_MS) {
      // Set again, so that iteration order is the order of starting and the oldest go first.
      this.windows.delete(key)
      if (this.windows.size >= MAX_KEYS) this.forgetOldest(now)
      this.windows.set(key, window = { startedAt: now, count: 0 })
    }
    if (window.count >= limit) return Math.max(1, Math.ceil((window.startedAt + WINDOW_MS - now) / 1000))
    window.count++
    return 0
  }

  private forgetOldest(now: number): void {
    for (const [key, { startedAt }] of this.windows) {
      if (now - startedAt < WINDOW_MS && this.windows.size < MAX_KEYS) return
      this.windows.delete(key)
    }
  }
}
