import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GatewaySyncProvider, type ChangePage, type SubscribeOptions, type SyncChange } from 'or3-sync/client'
import { FakeGateway } from '../../support/fake-gateway'

const MINUTE = 60_000

/** A device that follows a fake gateway and takes what it is handed. */
class Follower {
  cursor = 0
  readonly statuses: [status: string, detail?: object][] = []
  readonly pages: ChangePage[] = []
  /** While set, a page is applied when it resolves. */
  applying: Promise<void> | null = null
  readonly #abort = new AbortController()
  readonly #provider: GatewaySyncProvider

  constructor(readonly gateway: FakeGateway) {
    this.#provider = new GatewaySyncProvider({ baseURL: 'http://app', fetch: gateway.fetch })
  }

  subscribe(): Promise<() => void> {
    const options: SubscribeOptions = {
      cursor: () => this.cursor, signal: this.#abort.signal,
      onStatus: (status, detail) => { this.statuses.push(detail ? [status, detail] : [status]) },
    }
    const onChanges = async (_: SyncChange[], page?: ChangePage) => {
      this.pages.push(page!)
      await this.applying
      this.cursor = Math.max(this.cursor, page!.nextCursor)
    }
    return this.#provider.subscribe({ workspaceId: 'w1' }, ['todos'], onChanges, options)
  }

  stop(): void {
    this.#abort.abort()
  }
}

let gateway: FakeGateway
let follower: Follower
beforeEach(() => {
  vi.useFakeTimers()
  gateway = new FakeGateway()
  follower = new Follower(gateway)
})
afterEach(() => {
  follower.stop()
  vi.useRealTimers()
})

describe('an event stream', () => {
  it('is used while it gives signs of life', async () => {
    await follower.subscribe()
    for (let round = 1; round <= 10; round++) {
      await vi.advanceTimersByTimeAsync(15_000)
      gateway.streams[0]!.send('ping')
    }
    gateway.version = 2
    gateway.streams[0]!.page(0, 2)
    await vi.advanceTimersByTimeAsync(0)
    expect([follower.cursor, gateway.count('/pull'), gateway.streams.length, follower.statuses]).toEqual([2, 0, 1, [['connected']]])
  })

  it('F32: whose head comes and whose body is held on the way is given up after 3 s: polls bring the changes', async () => {
    gateway.onSubscribe = (_, respond) => respond()
    const subscribed = vi.fn()
    void follower.subscribe().then(subscribed)
    await vi.advanceTimersByTimeAsync(2_900)
    expect([subscribed.mock.calls.length, follower.statuses], 'nothing is said of a stream that has shown nothing').toEqual([0, []])
    gateway.version = 1
    await vi.advanceTimersByTimeAsync(2_200)
    expect([follower.cursor, follower.statuses, gateway.streams[0]!.isEnded]).toEqual([1, [['connected']], true])
  })

  it('F32: whose head never comes is given up after 8 s', async () => {
    gateway.onSubscribe = () => new Promise(() => {})
    void follower.subscribe()
    gateway.version = 1
    await vi.advanceTimersByTimeAsync(10_500)
    expect(follower.cursor).toBe(1)
  })

  it.each([
    ['403', () => new Response('<h1>Blocked</h1>', { status: 403 })], ['504', () => new Response('<h1>Time-out</h1>', { status: 504 })],
    ['200', () => new Response('data: hello\n\n', { headers: { 'content-type': 'text/event-stream' } })], ['a cut connection', () => { throw new TypeError('failed') }],
  ])('F32: for which a proxy answers with %s is replaced by polls', async (_, answer) => {
    gateway.onSubscribe = answer
    await follower.subscribe()
    gateway.version = 1
    await vi.advanceTimersByTimeAsync(2_500)
    expect([follower.cursor, follower.statuses]).toEqual([1, [['connected']]])
  })

  it('that the gateway refuses is an error, and nothing polls', async () => {
    gateway.onSubscribe = () => new Response(JSON.stringify({ data: { code: 'UNAUTHORIZED', message: 'no member' } }), { status: 403, headers: { 'x-or3-sync-protocol': '1' } })
    await expect(follower.subscribe()).rejects.toMatchObject({ code: 'UNAUTHORIZED', retryable: false })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(gateway.count('/pull')).toBe(0)
  })

  it('F32: is tried again after a minute, then after two, then four, while polls go on; one that comes through takes over', async () => {
    gateway.onSubscribe = (_, respond) => respond()
    void follower.subscribe()
    await vi.advanceTimersByTimeAsync(50_000)
    expect(gateway.count('/subscribe')).toBe(1)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(gateway.count('/subscribe')).toBe(2)
    const polls = gateway.count('/pull')
    await vi.advanceTimersByTimeAsync(2.2 * MINUTE)
    expect(gateway.count('/subscribe')).toBe(3)
    expect(gateway.count('/pull'), 'at the usual pace').toBeGreaterThanOrEqual(polls + 60)
    gateway.onSubscribe = null
    await vi.advanceTimersByTimeAsync(4.2 * MINUTE)
    expect(gateway.count('/subscribe')).toBe(4)
    const stream = gateway.streams[3]!
    const before = gateway.count('/pull')
    gateway.version = 1
    stream.page(0, 1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect([follower.cursor, gateway.count('/pull'), stream.isEnded]).toEqual([1, before, false])
  })

  it('F32: that goes silent is given up after 35 s, without an error: polls tell how the server is', async () => {
    await follower.subscribe()
    gateway.version = 1
    await vi.advanceTimersByTimeAsync(35_500)
    expect([follower.cursor, follower.statuses, gateway.streams[0]!.isEnded]).toEqual([1, [['connected']], true])
    gateway.onPull = () => { throw new TypeError('no network') }
    await vi.advanceTimersByTimeAsync(2_500)
    expect(follower.statuses.at(-1)).toMatchObject(['error', { error: { code: 'NETWORK_ERROR' } }])
  })

  it('that ends is an error: the engine comes back', async () => {
    await follower.subscribe()
    gateway.streams[0]!.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(follower.statuses.at(-1)).toMatchObject(['error', { error: { code: 'NETWORK_ERROR' } }])
  })

  it('F47: is read on only when the last page is applied', async () => {
    let applied = () => {}
    follower.applying = new Promise((resolve) => { applied = resolve })
    await follower.subscribe()
    gateway.version = 3
    for (let version = 0; version < 3; version++) gateway.streams[0]!.page(version, version + 1)
    await vi.advanceTimersByTimeAsync(0)
    expect(follower.pages).toHaveLength(1)
    applied()
    await vi.advanceTimersByTimeAsync(0)
    expect([follower.pages.length, follower.cursor]).toEqual([4, 3])
  })

  it('F47: is not what polls run ahead of, either', async () => {
    gateway.onSubscribe = () => new Response('<h1>Blocked</h1>', { status: 403 })
    await follower.subscribe()
    let applied = () => {}
    follower.applying = new Promise((resolve) => { applied = resolve })
    gateway.version = 1
    await vi.advanceTimersByTimeAsync(30_000)
    expect(gateway.count('/pull')).toBe(1)
    applied()
    await vi.advanceTimersByTimeAsync(2_100)
    expect(gateway.count('/pull')).toBe(2)
  })

  it('asks for a rescan, by a page or an event, and says when the store went back', async () => {
    await follower.subscribe()
    gateway.streams[0]!.send('rescan', { changes: [], nextCursor: 0, hasMore: false, requiresRescan: true, restored: true })
    await vi.advanceTimersByTimeAsync(0)
    expect(follower.statuses.at(-1)).toEqual(['connected', { rescan: true, restored: true }])
  })
})
