import { SyncError } from '../../../../shared/sync/protocol/errors'
import { MARK_HEADER, PROTOCOL_HEADER, PROTOCOL_VERSION, REQUEST_TIMEOUT_MS, USER_HEADER } from '../../../../shared/sync/protocol/limits'
import type { SyncScope } from '../../../../shared/sync/protocol/types'
import { linkSignals } from '../../environment/link-signals'
import { PackedPushes } from './packed-pushes'
import { readGatewayReply } from './read-gateway-reply'

/** Browsers allow 64 KiB for the bodies of all keepalive requests together. A character takes up to 3 bytes. */
const KEEPALIVE_MAX_CHARS = 20_000

export interface GatewayClientOptions {
  /** URL of the gateway, `/api/sync` included. */
  base: string
  fetch: typeof globalThis.fetch
  /** Aborts every request. */
  disposed: AbortSignal
}

/** The body of a request. The user and the mark are sent as headers. */
interface GatewayRequest {
  scope: SyncScope
  mark?: string
  [field: string]: unknown
}

export interface PostOptions {
  /** A small push gets `keepalive`, so that it arrives even if the page closes. A large push may be compressed. Default: false. */
  isPush?: boolean
  /** If it aborts before the request has left, the request is not sent. */
  notAfter?: AbortSignal
}

/** Makes HTTP requests to the gateway, with the headers that all of them need. A request without an answer in 30 s fails. */
export class GatewayClient {
  readonly #pushes = new PackedPushes()

  constructor(private readonly options: GatewayClientOptions) {}

  /** @returns the reply, with the mark from its header. */
  async post<T>(path: string, { scope: { userId, ...scope }, mark, ...body }: GatewayRequest, { isPush = false, notAfter }: PostOptions = {}): Promise<T> {
    const text = JSON.stringify({ scope, ...body })
    const headers = { 'content-type': 'application/json', ...userHeader(userId), ...(mark === undefined ? {} : { [MARK_HEADER]: mark }) }
    const keepalive = isPush && text.length < KEEPALIVE_MAX_CHARS
    return await this.#inTime(async (signal) => {
      const send = (body: BodyInit, more: Record<string, string> = {}) => this.#send(path, { method: 'POST', headers: { ...headers, ...more }, body, keepalive, signal })
      const answer = isPush ? await this.#pushes.send(text, send, notAfter) : await send(text)
      const [reply, told] = [await readGatewayReply<T>(answer), answer.headers.get(MARK_HEADER)]
      return told === null ? reply : { ...reply, mark: told }
    })
  }

  /** Requests an event stream for a user. There is no time limit: the signal ends it. */
  async stream(query: Record<string, string>, userId: string | undefined, signal: AbortSignal): Promise<Response> {
    return await this.#send(`/subscribe?${new URLSearchParams(query)}`, { headers: { accept: 'text/event-stream', ...userHeader(userId) }, signal })
  }

  async get<T>(path: string): Promise<T> {
    return await this.#inTime(async signal => await readGatewayReply<T>(await this.#send(path, { signal })))
  }

  /** Resolves with any answer, whatever its status. @throws SyncError `NETWORK_ERROR` if there is no answer at all */
  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      const response = await this.options.fetch(this.options.base + path, {
        // Sends cookies to a gateway of another origin, too. That gateway has to allow this page's origin.
        credentials: 'include', cache: 'no-store', ...init, headers: { ...init.headers, [PROTOCOL_HEADER]: String(PROTOCOL_VERSION) },
      })
      this.#pushes.learn(response)
      return response
    }
    catch (cause) {
      throw new SyncError('NETWORK_ERROR', 'the gateway could not be reached', { cause })
    }
  }

  async #inTime<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal, release } = linkSignals([this.options.disposed], { timeoutMs: REQUEST_TIMEOUT_MS })
    try { return await request(signal) }
    finally { release() }
  }
}

/** Names the user whose page this is. If somebody else has signed in since, the server refuses the request. */
function userHeader(userId: string | undefined): Record<string, string> {
  return userId === undefined ? {} : { [USER_HEADER]: encodeURIComponent(userId) }
}
