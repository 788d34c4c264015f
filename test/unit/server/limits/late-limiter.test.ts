import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStorage } from 'unstorage'
import { StorageRateLimiter } from '../../../../server/lib/limits/storage-rate-limiter'
import type { CounterStorage } from '../../../../server/lib/limits/storage-rate-limiter'
import { startTestGateway } from '../support/test-gateway'
import { wireOp } from '../support/make-op'

// Of timers only these: requests and their connections go on in real time.
beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) })
afterEach(() => { vi.useRealTimers() })

/** A storage that leaves the first questions unanswered. */
function forgetful(unanswered: number): CounterStorage & { asked: number } {
  const items = createStorage()
  const storage = {
    asked: 0,
    getItem: (key: string) => storage.asked++ < unanswered ? new Promise<never>(() => {}) : items.getItem(key),
    setItem: (key: string, value: { count: number, endsAt: number }) => items.setItem(key, value),
  }
  return storage
}

describe('a shared storage of rate limits that leaves a question unanswered', () => {
  it('is late after 3 s, and counts the user\'s next requests', async () => {
    const limiter = new StorageRateLimiter(forgetful(1))
    const first = limiter.take('push:ada', 2).catch((error: Error) => error.message)
    const second = limiter.take('push:ada', 2).catch((error: Error) => error.message)
    expect(await limiter.take('push:bob', 2), 'others are counted meanwhile').toMatchObject({ allowed: true, remaining: 1 })
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await first).toBe('the rate limiter did not answer within 3 s')
    await second
    expect(await limiter.take('push:ada', 2)).toMatchObject({ allowed: true })
  })

  it('holds nobody up for longer than that, however many wait', async () => {
    const limiter = new StorageRateLimiter(forgetful(Infinity))
    const all = Promise.allSettled(Array.from({ length: 20 }, () => limiter.take('push:ada', 2)))
    await vi.advanceTimersByTimeAsync(3_000)
    expect((await all).map(({ status }) => status)).toEqual(Array(20).fill('rejected'))
  })
})

describe('a limiter that does not answer', () => {
  it.each([
    ['of the app\'s own', () => ({ take: () => new Promise<never>(() => {}) })],
    ['in a shared storage', () => new StorageRateLimiter(forgetful(Infinity))],
  ])('limits nobody: %s', async (_, limiter) => {
    const server = await startTestGateway({ rateLimiter: limiter() })
    const pushed = server.push([wireOp()])
    await vi.waitFor(() => { expect(vi.getTimerCount()).toBeGreaterThan(0) })
    await vi.advanceTimersByTimeAsync(3_000)
    expect((await pushed).results).toMatchObject([{ success: true }])
    expect(server.log.join()).toContain('the rate limiter does not answer')
    vi.useRealTimers()
    await server.stop()
  })
})
