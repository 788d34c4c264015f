import { EventEmitter } from 'node:events'

/** The part of node's ServerResponse that the gateway uses. It answers a caller of `fetch` instead of writing to a socket. */
export class InProcessResponse extends EventEmitter {
  statusCode = 200
  statusMessage = ''
  headersSent = false
  writableEnded = false
  destroyed = false
  readonly writableNeedDrain = false
  readonly #headers = new Headers()
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null

  constructor(private readonly answer: (response: Response) => void) {
    super()
  }

  setHeader(name: string, value: string): this {
    // Without this header devices do not compress. Compression takes real turns of the event loop, which a simulation could not repeat.
    if (name !== 'accept-encoding') this.#headers.set(name, value)
    return this
  }

  getHeader(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined
  }

  removeHeader(name: string): void {
    this.#headers.delete(name)
  }

  writeHead(status: number, headers: Record<string, string> = {}): this {
    this.statusCode = status
    for (const [name, value] of Object.entries(headers)) this.#headers.set(name, value)
    this.headersSent = true
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => { this.#controller = controller },
      cancel: () => this.destroy(),
    })
    this.answer(new Response(body, { status, headers: this.#headers }))
    return this
  }

  write(bytes: Uint8Array): boolean {
    if (!this.destroyed) this.#controller?.enqueue(bytes)
    return true
  }

  end(bytes?: Buffer): void {
    if (this.writableEnded) return
    this.writableEnded = true
    if (!this.headersSent) {
      this.headersSent = true
      this.answer(jsonResponse(this.statusCode, this.#headers, bytes?.toString() ?? ''))
    }
    else if (!this.destroyed) this.#controller?.close()
    this.emit('close')
  }

  /** The other side is gone. */
  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.emit('close')
  }
}

/** A reply whose body needs no stream. undici reads streams in turns of the event loop, which a simulation could not repeat. */
function jsonResponse(status: number, headers: Headers, text: string): Response {
  const response = { ok: status >= 200 && status < 300, status, headers, body: null, json: async () => JSON.parse(text) as unknown, text: async () => text }
  return response as unknown as Response
}
