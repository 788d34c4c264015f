import { afterEach, beforeEach, expect, it } from 'vitest'
import { SyncError, type ChangePage } from 'or3-sync/client'
import { FeedChooser } from '#or3-sync/core/sync/transport/gateway/feed/feed-chooser'
import type { FeedItem, FeedRequest, FeedTransport, SteadyFeed, SteadyFeedTransport } from '#or3-sync/core/sync/transport/gateway/feed/feed-transport'
import { followFeed } from '#or3-sync/core/sync/transport/gateway/feed/follow-feed'
import { until } from '../../support/engine-harness'

/** A way that the test feeds by hand. */
class FakeTransport implements FeedTransport {
  isThere = true
  opened = 0
  closed = 0
  lastRequest: FeedRequest | null = null
  #tell: (() => void) | null = null
  readonly #items: (FeedItem | 'end' | Error)[] = []

  async open(request: FeedRequest): Promise<SteadyFeed | null> {
    if (!this.isThere) return null
    this.opened++
    this.lastRequest = request
    return { items: this.#read() as SteadyFeed['items'], close: () => { this.closed++ } }
  }

  send(...items: (FeedItem | 'end' | Error)[]): void {
    this.#items.push(...items)
    this.#tell?.()
  }

  async* #read(): AsyncGenerator<FeedItem, void> {
    for (;;) {
      const item = this.#items.shift()
      if (item === 'end') return
      if (item instanceof Error) throw item
      if (item) yield item
      else await new Promise<void>((resolve) => { this.#tell = resolve })
    }
  }
}

const page = (from: number): FeedItem => ({ kind: 'page', page: { changes: [], nextCursor: from + 1, hasMore: false }, from })
const QUIET: FeedItem = { kind: 'quiet' }

let [best, second, polls] = [new FakeTransport(), new FakeTransport(), new FakeTransport()]
let stop = new AbortController()
let taken: number[] = []
let statuses: [string, object?][] = []
beforeEach(() => {
  [best, second, polls] = [new FakeTransport(), new FakeTransport(), new FakeTransport()]
  stop = new AbortController();
  [taken, statuses] = [[], []]
})
afterEach(() => stop.abort())

async function follow(): Promise<FeedChooser> {
  const chooser = new FeedChooser({ live: [best, second], polls: polls as FeedTransport as SteadyFeedTransport })
  const { signal } = stop
  const feed = await chooser.open({ scope: { workspaceId: 'w1' }, tables: ['todos'], cursor: () => taken.length, isLevel: true, signal })
  const onChanges = (_: unknown, { from }: ChangePage = { from: -1, nextCursor: 0 }) => { taken.push(from) }
  void followFeed(feed, { onChanges, onStatus: (status, detail) => { statuses.push([status, detail]) }, signal })
  return chooser
}

it('the first way that brings anything is followed, and no other is opened', async () => {
  const chooser = await follow()
  best.send(page(0), QUIET, page(1), { kind: 'session' })
  await until(() => statuses.length, count => count === 1)
  expect(chooser.isLive).toBe(true)
  expect([taken, statuses, second.opened, polls.opened]).toEqual([[0, 1], [['connected', { session: true }]], 0, 0])
})

it('one that brings nothing any more is closed, and polls go on from there until another is found', async () => {
  best.isThere = false
  const chooser = await follow()
  second.send(page(0), 'end')
  await until(() => polls.opened, count => count === 1)
  expect(chooser.isLive).toBe(false)
  expect([second.closed, polls.lastRequest?.isLevel], 'something may have come meanwhile').toEqual([1, false])
  second.isThere = false
  polls.send(page(1), QUIET)
  await until(() => taken, list => list.length === 2)
  best.isThere = true
  polls.send(QUIET, QUIET)
  await until(() => best.opened, count => count === 1)
  polls.send(QUIET)
  best.send(page(2))
  await until(() => taken, list => list.length === 3)
  expect(chooser.isLive).toBe(true)
  expect([taken, polls.closed, best.closed]).toEqual([[0, 1, 2], 1, 0])
})

it.each<[string, FeedItem | Error, [string, object]]>([
  ['a connection that breaks', new SyncError('NETWORK_ERROR', 'broken'), ['error', { error: expect.any(SyncError) as SyncError }]],
  ['a rescan', { kind: 'rescan', restored: true }, ['connected', { rescan: true, restored: true }]],
])('%s ends it: the engine comes back', async (_, item, status) => {
  await follow()
  best.send(item)
  await until(() => statuses, list => list.length === 1)
  expect([statuses, polls.opened]).toEqual([[status], 0])
  await until(() => best.closed, count => count > 0)
})

it('a way that is found when nobody follows any more is closed', async () => {
  best.isThere = second.isThere = false
  await follow()
  let open = () => {}
  const opening = new Promise<void>((resolve) => { open = resolve })
  best.open = async () => {
    await opening
    return { items: polls as never, close: () => { best.closed++ } }
  }
  polls.send(QUIET)
  await until(() => polls.opened, count => count === 1)
  polls.send({ kind: 'rescan', restored: false })
  await until(() => polls.closed, count => count === 1)
  open()
  await until(() => best.closed, count => count === 1)
})
