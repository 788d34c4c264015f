import type { PullResponse, SyncChange } from 'or3-sync/client'
import { jsonReply } from './pushed-ops'

const HEADERS = { 'content-type': 'text/event-stream', 'x-or3-sync-protocol': '1' }

/** One event stream of a fake gateway, written by hand. */
export interface FakeStream {
  cursor: number
  isEnded: boolean
  send: (event: string, data?: unknown) => void
  /** A page of the feed from `from` to `to`. */
  page: (from: number, to: number) => void
  end: () => void
}

/** A `fetch` with a feed of numbered changes behind it. How streams are answered is up to the test. */
export class FakeGateway {
  version = 0
  readonly paths: string[] = []
  readonly streams: FakeStream[] = []
  /** Null: as the gateway does, with a first event at once. */
  onSubscribe: ((stream: FakeStream, respond: () => Response) => Response | Promise<Response>) | null = null
  onPull: (() => Response) | null = null

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(String(input))
    const path = url.pathname.replace('/api/sync', '')
    this.paths.push(path)
    if (path === '/subscribe') return await this.#subscribe(Number(url.searchParams.get('cursor')), init!.signal!)
    const { cursor } = JSON.parse(String(init?.body)) as { cursor: number }
    return this.onPull?.() ?? jsonReply(this.feed(cursor))
  }

  feed(from: number, to = this.version): PullResponse & { from: number } {
    const changes = Array.from({ length: to - from }, (_, index): SyncChange => ({
      serverVersion: from + index + 1, tableName: 'todos', pk: `t${from + index + 1}`, op: 'delete', stamp: { deviceId: 'd', opId: 'o', hlc: 'h', clock: 1 },
    }))
    return { from, changes, nextCursor: to, hasMore: false, latestVersion: this.version }
  }

  count(path: string): number {
    return this.paths.filter(asked => asked === path).length
  }

  async #subscribe(cursor: number, signal: AbortSignal): Promise<Response> {
    let controller!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({ start: (given) => { controller = given }, cancel: () => { stream.isEnded = true } })
    const write = (text: string) => controller.enqueue(new TextEncoder().encode(text))
    const stream: FakeStream = {
      cursor, isEnded: false,
      send: (event, data = {}) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      page: (from, to) => stream.send('changes', this.feed(from, to)),
      end: () => controller.close(),
    }
    this.streams.push(stream)
    const respond = () => new Response(body, { headers: HEADERS })
    if (this.onSubscribe) {
      return await Promise.race([this.onSubscribe(stream, respond), new Promise<never>((_, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)) })])
    }
    stream.page(cursor, this.version)
    return respond()
  }
}
