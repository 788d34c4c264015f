import { SyncError, toSyncError } from '../../../../../shared/sync/protocol/errors'
import type { PullResponse } from '../../../../../shared/sync/protocol/types'
import { linkSignals } from '../../../environment/link-signals'
import type { GatewayClient } from '../gateway-client'
import type { StreamMessage } from '../streams/event-stream-parser'
import { openStream, type ProvenStream } from '../streams/open-stream'
import { StreamRetry } from '../streams/stream-retry'
import type { StreamSlots } from '../streams/stream-slots'
import { itemOf, type FeedItem, type FeedRequest, type FeedTransport, type OpenFeed } from './feed-transport'

export interface EventStreamFeedOptions {
  client: Pick<GatewayClient, 'stream'>
  slots: StreamSlots
}

/** Brings the feed as server-sent events, if they come through and a place for a stream is free. */
export class EventStreamFeed implements FeedTransport {
  /** Kept across subscriptions, so that a new one knows that streams did not come through. */
  readonly #retry = new StreamRetry(() => Date.now())

  constructor(private readonly options: EventStreamFeedOptions) {}

  /** Null: no place is free, it is too early for another try, or the stream did not come through. */
  async open(request: FeedRequest): Promise<OpenFeed | null> {
    const slot = this.#retry.isDue ? await this.options.slots.take() : null
    if (!slot) return null
    const { signal, abort } = linkSignals([request.signal, slot.lost])
    const close = () => {
      abort()
      slot.release()
    }
    const stream = await openStream(wanted => this.#request(request, wanted), signal).catch((thrown: unknown) => {
      close()
      const error = toSyncError(thrown)
      // Some proxies cut only streams. If nothing answers at all, the next poll finds that out.
      if (error.code !== 'NETWORK_ERROR') throw error
      return null
    })
    if (stream) return { items: this.#items(stream, slot.lost), close }
    close()
    this.#retry.failed()
    return null
  }

  #request({ scope: { workspaceId, userId }, tables, node, cursor }: FeedRequest, signal: AbortSignal): Promise<Response> {
    const query = { workspaceId, tables: tables.join(','), ...(node ? { node } : {}), cursor: String(cursor()) }
    return this.options.client.stream(query, userId, signal)
  }

  /** Ends when the stream goes silent, or another tab has taken its place. @throws SyncError when the connection ends */
  async* #items({ first, rest }: ProvenStream, lost: AbortSignal): AsyncGenerator<FeedItem, void> {
    this.#retry.opened()
    // The mark of the stream's last page. The server checks each page against the mark of the one before.
    let mark: string | undefined
    const read = ({ event, data }: StreamMessage): FeedItem => {
      if (event === 'session') return { kind: 'session' }
      if (event !== 'changes' && event !== 'rescan') return { kind: 'quiet' }
      const page = JSON.parse(data) as PullResponse & { from: number }
      const asked = mark
      mark = page.mark ?? mark
      return itemOf(event === 'rescan' ? { ...page, requiresRescan: true } : page, page.from, asked)
    }
    yield read(first)
    for await (const item of rest) {
      if (item.kind === 'silent') return this.#retry.failed()
      yield read(item.message)
    }
    if (!lost.aborted) throw new SyncError('NETWORK_ERROR', 'the event stream ended')
  }
}
