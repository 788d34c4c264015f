import type { ServerResponse } from 'node:http'
import { isGone, onClose } from '../../http/when-gone'
import { FeedMessage } from '../feed-message'
import type { FeedSink } from '../feed-sink'
import { EncodedEvent } from './encoded-event'
import { GzipFrame } from './gzip-frame'

/** After so many pings in a row without the reader taking anything, it is gone or frozen. Then the connection is cut. */
const MAX_STALLED_PINGS = 4
/** If the first page takes longer, a ping shows the reader that this is a stream. Milliseconds. */
const FIRST_PING_MS = 1_000

export interface EventStreamOptions {
  /** Milliseconds. */
  pingMs: number
  /** How soon the reader should come back after a broken connection, in milliseconds. */
  retryMs: number
  /** Whether the reader accepts gzip. */
  gzip: boolean
  /** Epoch milliseconds. */
  now: () => number
  /** Called once when the connection is gone, whoever closed it. */
  onClose: () => void
}

/** One `text/event-stream` response. At most one event waits until the reader takes it. */
export class EventStream implements FeedSink {
  readonly #gone = new AbortController()
  readonly #frame: GzipFrame | null
  #stalledPings = 0
  #taken: (() => void) | null = null
  readonly #timer: ReturnType<typeof setInterval>
  readonly #firstPing: ReturnType<typeof setTimeout>

  constructor(private readonly res: ServerResponse, private readonly options: EventStreamOptions) {
    this.#frame = options.gzip && GzipFrame.isSupported ? new GzipFrame() : null
    this.#timer = setInterval(() => this.#ping(), options.pingMs)
    this.#timer.unref()
    this.#firstPing = setTimeout(() => this.#ping(), Math.min(FIRST_PING_MS, options.pingMs))
    this.#firstPing.unref()
    res.on('drain', () => this.#taken?.())
    onClose(res, () => this.#noticeClose())
    // The client may have left while the request was checked. Then 'close' has already fired.
    if (isGone(res)) this.#noticeClose()
    else this.#begin()
  }

  get closed(): boolean {
    return this.#gone.signal.aborted
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  async send(message: FeedMessage): Promise<number> {
    const event = message.as(EncodedEvent.of)
    const packed = this.#frame && await event.packed()
    await this.#write(packed ? () => this.#frame!.add(event, packed) : () => event.bytes)
    return event.bytes.byteLength
  }

  end(): void {
    this.#stopTimers()
    if (this.res.writableNeedDrain) this.res.destroy()
    else if (!this.res.writableEnded) this.res.end(this.#frame?.end())
  }

  async #write(bytes: () => Buffer): Promise<void> {
    if (this.closed || this.res.writableEnded) return
    clearTimeout(this.#firstPing)
    if (this.res.write(bytes())) return
    await new Promise<void>((resolve) => { this.#taken = resolve })
    this.#taken = null
  }

  #begin(): void {
    this.res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'connection': 'keep-alive',
      ...this.#frame && { 'content-encoding': 'gzip' },
    })
    const first = Buffer.from(`retry: ${this.options.retryMs}\n\n`)
    this.res.write(this.#frame ? this.#frame.begin(first) : first)
  }

  #noticeClose(): void {
    if (this.closed) return
    this.#gone.abort()
    this.#stopTimers()
    this.#taken?.()
    this.options.onClose()
  }

  #stopTimers(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#firstPing)
  }

  #ping(): void {
    if (!this.res.writableNeedDrain) {
      this.#stalledPings = 0
      void this.send(new FeedMessage('ping', Buffer.from(`{"serverTime":${this.options.now()}}`)))
    }
    else if (++this.#stalledPings >= MAX_STALLED_PINGS) this.res.destroy()
  }
}
