import { expect, it } from 'vitest'
import { memoryBackend } from 'or3-sync/server'
import { WorkUnderWay } from '../../../server/lib/limits/work-under-way'
import type { FeedMessage } from '../../../server/lib/stream/feed-message'
import type { FeedSink } from '../../../server/lib/stream/feed-sink'
import { streamChanges } from '../../../server/lib/stream/stream-changes'
import { WakeSignal } from '../../../server/lib/stream/wake-signal'
import { WorkspaceFeed } from '../../../server/lib/stream/workspace-feed'
import { acceptedOp, NOW } from './support/make-op'

/** A connection that is no event stream. Its reader takes one message after the other, when the test says so. */
class HandSink implements FeedSink {
  readonly sent: { kind: string, id?: number, pks: string[] }[] = []
  take = () => {}
  readonly #gone = new AbortController()

  constructor(private readonly onClose: () => void) {}

  get closed(): boolean {
    return this.#gone.signal.aborted
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  async send({ kind, id, data }: FeedMessage): Promise<number> {
    const { changes } = JSON.parse(data.toString()) as { changes: { pk: string }[] }
    this.sent.push({ kind, id, pks: changes.map(({ pk }) => pk) })
    await new Promise<void>((resolve) => { this.take = resolve })
    return 1_000
  }

  end(): void {
    this.#gone.abort()
    this.take()
    this.onClose()
  }
}

it('a feed is read as fast as its reader takes it, whatever carries it, and lets go when that is gone', async () => {
  const backend = memoryBackend()
  const push = (pk: string) => backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk })], now: NOW })
  const work = new WorkUnderWay({ memory: { perUser: 2 ** 24, total: 2 ** 27 }, sliceMs: 10 })
  const feed = new WorkspaceFeed('w1', backend, () => NOW, work.streams)
  const signal = new WakeSignal()
  const stopListening = feed.onChange(() => signal.ring())
  const sink = new HandSink(() => signal.ring())
  const counted: number[] = []
  const over = streamChanges(sink, feed, { userId: 'ada', cursor: 0, mayRead: async () => true, onSent: (_, bytes) => {
    counted.push(bytes)
    return 0
  } }, signal, work)
  await expect.poll(() => sink.sent).toEqual([{ kind: 'changes', id: 0, pks: [] }])
  await push('a')
  await push('b')
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(sink.sent, 'the first message is not taken').toHaveLength(1)
  sink.take()
  await expect.poll(() => sink.sent.at(-1)).toEqual({ kind: 'changes', id: 2, pks: ['a', 'b'] })
  expect([counted, work.heldBytes.streams > 0], 'as the connection counts them').toEqual([[1_000], true])
  sink.end()
  await over
  stopListening()
  feed.close()
  expect(work.heldBytes.streams).toBe(0)
})
