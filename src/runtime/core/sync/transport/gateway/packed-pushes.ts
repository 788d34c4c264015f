import { GZIP_MIN_CHARS, PROTOCOL_HEADER } from '../../../../shared/sync/protocol/limits'
import { canGzip, gzipText } from './gzip-text'

/** Sends a body in a request. */
export type SendBody = (body: BodyInit, headers?: Record<string, string>) => Promise<Response>

/** Sends push bodies compressed if the server has said that it takes gzip, and plain otherwise. */
export class PackedPushes {
  /** Null: not known yet. False: a compressed body was refused, so none is sent any more. */
  #takesGzip: boolean | null = null

  /** Reads the header `Accept-Encoding` of an answer. With it a server says which request encodings it takes (RFC 7694). */
  learn({ headers }: Response): void {
    const encodings = headers.get('accept-encoding')?.split(',').map(encoding => encoding.split(';')[0]!.trim().toLowerCase())
    if (headers.get(PROTOCOL_HEADER) !== null && encodings?.includes('gzip')) this.#takesGzip ??= true
  }

  /**
   * Sends a body, compressed if possible. If the server refuses the encoding or cannot read the body (a proxy may have removed the header),
   * the body is sent again plain at once. After any other refusal that is not the gateway's, later bodies are sent plain.
   */
  async send(text: string, send: SendBody, notAfter: AbortSignal | undefined): Promise<Response> {
    if (!this.#maySqueeze(text)) return await send(text)
    const body = await gzipText(text)
    notAfter?.throwIfAborted()
    const answer = await send(body, { 'content-encoding': 'gzip' })
    const isOurs = answer.headers.get(PROTOCOL_HEADER) !== null
    const isUnread = answer.status === 415 || (isOurs && answer.status === 400)
    if (isUnread || (!isOurs && answer.status >= 400 && answer.status < 500)) this.#takesGzip = false
    if (!isUnread) return answer
    await answer.body?.cancel()
    notAfter?.throwIfAborted()
    return await send(text)
  }

  /** No compression while the page is hidden: it may be closing, and compressing takes time. */
  #maySqueeze(text: string): boolean {
    const isLeaving = typeof document !== 'undefined' && document.visibilityState === 'hidden'
    return this.#takesGzip === true && text.length > GZIP_MIN_CHARS && !isLeaving && canGzip()
  }
}
