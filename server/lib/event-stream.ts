import type { ServerResponse } from 'node:http'

/** Pings that may pass while the reader takes nothing: then it is gone, or frozen, and the connection is cut. */
const MAX_STALLED_PINGS = 4

export interface EventStreamOptions {
  /** Milliseconds. */
  pingMs: number
  /** How soon the reader should come back after a broken connection, in milliseconds. */
  retryMs: number
  /** Epoch milliseconds. */
  now: () => number
  /** Called once, when the connection is gone, by whoever closed it. */
  onClose: () => void
}

/** One `text/event-stream` response: at most one event ahead of what its reader has taken. */
export class EventStream {
  closed = false
  private stalledPings = 0
  private taken: (() => void) | null = null
  private readonly timer: ReturnType<typeof setInterval>

  constructor(private readonly res: ServerResponse, private readonly options: EventStreamOptions) {
    this.timer = setInterval(() => this.ping(), options.pingMs)
    this.timer.unref()
    res.on('drain', () => this.taken?.())
    res.on('close', () => this.noticeClose())
    // The peer may have gone while the request was being checked: then 'close' was before us.
    if (res.destroyed) this.noticeClose()
    else this.begin()
  }

  /** Resolves when the reader's side has taken the event, or is gone. `data` is JSON text, so it has no line breaks. */
  async send(event: string, data: string, id?: number): Promise<void> {
    if (this.closed) return
    const text = `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`
    if (this.res.write(text)) return
    await new Promise<void>((resolve) => { this.taken = resolve })
    this.taken = null
  }

  /** A reader that has not taken the last event is not waited for. */
  end(): void {
    clearInterval(this.timer)
    if (this.res.writableNeedDrain) this.res.destroy()
    else if (!this.res.writableEnded) this.res.end()
  }

  private begin(): void {
    this.res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'connection': 'keep-alive',
    })
    this.res.write(`retry: ${this.options.retryMs}\n\n`)
  }

  private noticeClose(): void {
    if (this.closed) return
    this.closed = true
    clearInterval(this.timer)
    this.taken?.()
    this.options.onClose()
  }

  private ping(): void {
    if (!this.res.writableNeedDrain) {
      this.stalledPings = 0
      this.res.write(`event: ping\ndata: {"serverTime":${this.options.now()}}\n\n`)
    }
    else if (++this.stalledPings >= MAX_STALLED_PINGS) this.res.destroy()
  }
}
