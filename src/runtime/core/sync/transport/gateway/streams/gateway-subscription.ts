import type { EventSourceMessage } from 'eventsource-parser'
import { SyncError, toSyncError } from '../../../../../shared/sync/protocol/errors'
import type { OnChanges, PullResponse, SubscribeOptions } from '../../../../../shared/sync/protocol/types'
import { linkSignals } from '../../../environment/link-signals'
import { openStream, type ProvenStream } from './open-stream'
import { pollPause } from './poll-pause'
import type { StreamRetry } from './stream-retry'
import type { StreamSlots } from './stream-slots'

export interface GatewaySubscriptionOptions {
  /** Asks for an event stream from this cursor on. */
  request: (cursor: number, signal: AbortSignal) => Promise<Response>
  /** Reads one page of the feed, given the mark of the last one. */
  pull: (cursor: number, mark: string | undefined) => Promise<PullResponse>
  slots: StreamSlots
  retry: StreamRetry
  /** Milliseconds between two polls of a visible tab. */
  pollMs: number
  /** Where the device stands at this moment; it lags behind what was handed over. */
  cursor: () => number
  onChanges: OnChanges
  onStatus: SubscribeOptions['onStatus']
  signal: AbortSignal
}

/** An event stream with the place that it takes. */
interface HeldStream extends ProvenStream {
  /** Another tab has the place. */
  isLost: () => boolean
  release: () => void
}

/** The store asks for a rescan: the engine begins anew, with a new subscription. */
class RescanWanted extends Error {
  constructor(readonly restored: boolean) {
    super('the store asks for a rescan')
  }
}

/**
 * Follows one workspace: by an event stream where one comes through and there is a place for it, else by polling. Either goes over into
 * the other without a gap. The next page is read when the last one is applied.
 */
export class GatewaySubscription {
  constructor(private readonly options: GatewaySubscriptionOptions) {}

  /** Resolves when changes are followed. @throws SyncError the gateway's refusal */
  async begin(): Promise<void> {
    const stream = await this.#tryStream()
    const { signal, onStatus } = this.options
    if (signal.aborted) return stream?.release()
    onStatus('connected')
    this.#follow(stream).catch((error: unknown) => {
      if (signal.aborted) return
      if (error instanceof RescanWanted) onStatus('connected', { rescan: true, ...(error.restored ? { restored: true } : {}) })
      else onStatus('error', { error })
    })
  }

  async #follow(first: HeldStream | null): Promise<never> {
    const { pollMs, signal } = this.options
    // Whoever subscribes has just pulled.
    if (!first) await pollPause(pollMs, signal)
    for (let stream = first; ; stream = await this.#poll()) if (stream) await this.#readStream(stream)
  }

  /** Null: no place is free, it is too early for another try, or none comes through. */
  async #tryStream(): Promise<HeldStream | null> {
    const { retry, slots, request, cursor, signal } = this.options
    const slot = retry.isDue ? await slots.take() : null
    if (!slot) return null
    const linked = linkSignals([signal, slot.lost])
    const release = () => {
      linked.abort()
      slot.release()
    }
    const stream = await openStream(wanted => request(cursor(), wanted), linked.signal).catch((thrown: unknown) => {
      release()
      const error = toSyncError(thrown)
      // Where nothing answers at all, a poll will tell. Some proxies cut only streams.
      if (error.code !== 'NETWORK_ERROR') throw error
      return null
    })
    if (stream) return { ...stream, release, isLost: () => slot.lost.aborted }
    release()
    retry.failed()
    return null
  }

  /** Resolves when the stream has gone silent, or its place is lost. @throws SyncError when the connection ended. */
  async #readStream({ first, rest, isLost, release }: HeldStream): Promise<void> {
    const { retry } = this.options
    retry.opened()
    try {
      let mark = await this.#take(first)
      for await (const item of rest) {
        if (item.kind === 'silent') return retry.failed()
        mark = await this.#take(item.message, mark)
      }
    }
    finally { release() }
    if (!isLost()) throw new SyncError('NETWORK_ERROR', 'the event stream ended')
  }

  /** @returns the mark of the stream's last page: the server checks each page against the one before. */
  async #take({ event, data }: EventSourceMessage, before?: string): Promise<string | undefined> {
    if (event === 'session') this.options.onStatus('connected', { session: true })
    if (event !== 'changes' && event !== 'rescan') return before
    const page = JSON.parse(data) as PullResponse & { from: number }
    if (event === 'rescan') throw new RescanWanted(page.restored === true)
    await this.#handOver(page, page.from, before)
    return page.mark ?? before
  }

  /** Resolves to a stream once there is one. @throws SyncError when a poll fails. */
  async #poll(): Promise<HeldStream> {
    const { signal, cursor, pull, pollMs } = this.options
    const search = this.#searchStream()
    try {
      let mark: string | undefined
      for (let position = cursor(); ;) {
        const page = await pull(position, mark)
        signal.throwIfAborted()
        if (page.requiresRescan || page.changes.length || page.nextCursor !== position) await this.#handOver(page, position, mark)
        mark = page.mark
        const found = search.next()
        if (found) return found
        position = Math.max(page.nextCursor, cursor())
        if (!page.hasMore) await pollPause(pollMs, signal)
        signal.throwIfAborted()
      }
    }
    finally { search.end() }
  }

  /** Looks for a stream beside the polls, which go on meanwhile: one try at a time, begun by `next`. */
  #searchStream(): { next: () => HeldStream | null, end: () => void } {
    let found: HeldStream | null = null
    let isTrying = false
    let isOver = false
    const keep = (stream: HeldStream | null) => {
      isTrying = false
      if (isOver) stream?.release()
      else found = stream
    }
    return {
      next: () => {
        const stream = found
        found = null
        if (!stream && !isTrying) {
          isTrying = true
          // A refusal meets the next poll as well.
          void this.#tryStream().catch(() => null).then(keep)
        }
        return stream
      },
      end: () => {
        isOver = true
        found?.release()
      },
    }
  }

  async #handOver(page: PullResponse, from: number, asked: string | undefined): Promise<void> {
    const { signal, onChanges } = this.options
    if (signal.aborted) return
    if (page.requiresRescan) throw new RescanWanted(page.restored === true)
    await onChanges(page.changes, { from, nextCursor: page.nextCursor, epoch: page.epoch, hasMore: page.hasMore, mark: page.mark, asked })
  }
}
