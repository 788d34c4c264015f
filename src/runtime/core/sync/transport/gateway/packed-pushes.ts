import { GZIP_MIN_CHARS, PROTOCOL_HEADER } from '../../../../shared/sync/protocol/limits'
import { canGzip, gzipText } from './gzip-text'

/** Sends a body as a request of its own. */
export type SendBody = (body: BodyInit, headers?: Record<string, string>) => Promise<Response>

/** Sends bodies compressed to a server that has said it takes them so, and plain to any other. */
export class PackedPushes {
  /** Null as long as the server has not said so. */
  #takesGzip: boolean | null = null

  /** A server says by a header of its answers (RFC 7694) which encodings of requests it takes. */
  learn({ headers }: Response): void {
    const encodings = headers.get('accept-encoding')?.split(',').map(encoding => encoding.split(';')[0]!.trim().toLowerCase())
    if (headers.get(PROTOCOL_HEADER) !== null && encodings?.includes('gzip')) this.#takesGzip ??= true
  }

  /**
   * Whoever refuses the encoding, or cannot read the body, gets it plain, now and from here on: a proxy may have taken the encoding off.
   * A stranger gets it plain the next time, for its refusal may be about that.
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

  /** Compressing takes a moment, which a page that is being left does not have. */
  #maySqueeze(text: string): boolean {
    const isLeaving = typeof document !== 'undefined' && document.visibilityState === 'hidden'
    return this.#takesGzip === true && text.length > GZIP_MIN_CHARS && !isLeaving && canGzip()
  }
}
