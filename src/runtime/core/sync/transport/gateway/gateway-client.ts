import { SyncError } from '../../../../shared/sync/protocol/errors'
import { MARK_HEADER, PROTOCOL_HEADER, PROTOCOL_VERSION, REQUEST_TIMEOUT_MS, USER_HEADER } from '../../../../shared/sync/protocol/limits'
import type { SyncScope } from '../../../../shared/sync/protocol/types'
import { linkSignals } from '../../environment/link-signals'
import { canGzip, gzipText } from './gzip-text'
import { readGatewayReply } from './read-gateway-reply'

/** Browsers let keepalive requests carry 64 KiB in all; a character takes up to 3 bytes. */
const KEEPALIVE_MAX_CHARS = 20_000
/** Below this compressing costs more than it saves. */
const GZIP_MIN_CHARS = 4 * 1024

export interface GatewayClientOptions {
  /** URL of the gateway, `/api/sync` included. */
  base: string
  fetch: typeof globalThis.fetch
}

/** A request's body. Its user and its mark travel as headers. */
interface GatewayRequest {
  scope: SyncScope
  mark?: string
  [field: string]: unknown
}

export interface PostOptions {
  /** A small one that is under way when the page closes still arrives. A large one may be compressed. Default: false. */
  isPush?: boolean
  /** Once it has aborted, what has not left yet is not sent any more. */
  notAfter?: AbortSignal
}

/** Requests to the gateway, with what all of them have in common. What gets no answer in 30 s has failed. */
export class GatewayClient {
  readonly #disposed = new AbortController()
  /** Whether the server takes compressed bodies: null as long as it has not said so. */
  #takesGzip: boolean | null = null

  constructor(private readonly options: GatewayClientOptions) {}

  get disposed(): AbortSignal {
    return this.#disposed.signal
  }

  /** @returns the reply, with the mark that stands in its header. */
  async post<T>(path: string, { scope: { userId, ...scope }, mark, ...body }: GatewayRequest, { isPush = false, notAfter }: PostOptions = {}): Promise<T> {
    const text = JSON.stringify({ scope, ...body })
    const init: RequestInit = {
      method: 'POST', headers: { 'content-type': 'application/json', ...userHeader(userId), ...(mark === undefined ? {} : { [MARK_HEADER]: mark }) }, body: text,
      keepalive: isPush && text.length < KEEPALIVE_MAX_CHARS,
    }
    return await this.#inTime(async (signal) => {
      const answer = isPush && this.#maySqueeze(text) ? await this.#sendSqueezed(path, init, text, { signal, notAfter }) : await this.#send(path, { ...init, signal })
      const [reply, told] = [await readGatewayReply<T>(answer), answer.headers.get(MARK_HEADER)]
      return told === null ? reply : { ...reply, mark: told }
    })
  }

  /** Asks for an event stream on behalf of a user. The signal ends it; there is no time-out. */
  async stream(query: Record<string, string>, userId: string | undefined, signal: AbortSignal): Promise<Response> {
    return await this.#send(`/subscribe?${new URLSearchParams(query)}`, { headers: { accept: 'text/event-stream', ...userHeader(userId) }, signal })
  }

  async get<T>(path: string): Promise<T> {
    return await this.#inTime(async signal => await readGatewayReply<T>(await this.#send(path, { signal })))
  }

  dispose(): void {
    this.#disposed.abort()
  }

  /** Compressing takes a moment, which a page that is being left does not have. */
  #maySqueeze(text: string): boolean {
    const isLeaving = typeof document !== 'undefined' && document.visibilityState === 'hidden'
    return this.#takesGzip === true && text.length > GZIP_MIN_CHARS && !isLeaving && canGzip()
  }

  /**
   * Whoever refuses the encoding, or cannot read the body, gets it plain, now and from here on: a proxy may have taken the encoding off.
   * A stranger gets it plain the next time, for its refusal may be about that.
   */
  async #sendSqueezed(path: string, init: RequestInit, text: string, { signal, notAfter }: { signal: AbortSignal, notAfter?: AbortSignal }): Promise<Response> {
    const body = await gzipText(text)
    notAfter?.throwIfAborted()
    const answer = await this.#send(path, { ...init, body, headers: { ...init.headers, 'content-encoding': 'gzip' }, signal })
    const isOurs = answer.headers.get(PROTOCOL_HEADER) !== null
    const isUnread = answer.status === 415 || (isOurs && answer.status === 400)
    if (isUnread || (!isOurs && answer.status >= 400 && answer.status < 500)) this.#takesGzip = false
    if (!isUnread) return answer
    await answer.body?.cancel()
    notAfter?.throwIfAborted()
    return await this.#send(path, { ...init, signal })
  }

  /** @throws SyncError `NETWORK_ERROR` where there is no answer at all. Any answer is one, whoever gave it. */
  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      const response = await this.options.fetch(this.options.base + path, {
        // A gateway of another origin lets cookies in only where it names ours.
        credentials: 'include', cache: 'no-store', ...init, headers: { ...init.headers, [PROTOCOL_HEADER]: String(PROTOCOL_VERSION) },
      })
      if (namesGzip(response)) this.#takesGzip ??= true
      return response
    }
    catch (cause) {
      throw new SyncError('NETWORK_ERROR', 'the gateway could not be reached', { cause })
    }
  }

  async #inTime<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal, release } = linkSignals([this.disposed], { timeoutMs: REQUEST_TIMEOUT_MS })
    try { return await request(signal) }
    finally { release() }
  }
}

/** So that a page opened by one user never acts as the one who has signed in since. */
function userHeader(userId: string | undefined): Record<string, string> {
  return userId === undefined ? {} : { [USER_HEADER]: encodeURIComponent(userId) }
}

/** A server says by this header of an answer (RFC 7694) which encodings of requests it takes. */
function namesGzip({ headers }: Response): boolean {
  const encodings = headers.get('accept-encoding')?.split(',').map(encoding => encoding.split(';')[0]!.trim().toLowerCase())
  return headers.get(PROTOCOL_HEADER) !== null && encodings?.includes('gzip') === true
}
