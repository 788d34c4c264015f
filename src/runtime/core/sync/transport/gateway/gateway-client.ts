import { SyncError } from '../../../../shared/sync/protocol/errors'
import { MARK_HEADER, PROTOCOL_HEADER, PROTOCOL_VERSION, REQUEST_TIMEOUT_MS, USER_HEADER } from '../../../../shared/sync/protocol/limits'
import type { SyncScope } from '../../../../shared/sync/protocol/types'
import { linkSignals } from '../../environment/link-signals'
import { PackedPushes } from './packed-pushes'
import { readGatewayReply } from './read-gateway-reply'

/** Browsers let keepalive requests carry 64 KiB in all; a character takes up to 3 bytes. */
const KEEPALIVE_MAX_CHARS = 20_000

export interface GatewayClientOptions {
  /** URL of the gateway, `/api/sync` included. */
  base: string
  fetch: typeof globalThis.fetch
  /** Ends every request. */
  disposed: AbortSignal
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

/** HTTP requests to the gateway, with what all of them have in common. What gets no answer in 30 s has failed. */
export class GatewayClient {
  readonly #pushes = new PackedPushes()

  constructor(private readonly options: GatewayClientOptions) {}

  /** @returns the reply, with the mark that stands in its header. */
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

  /** Asks for an event stream on behalf of a user. The signal ends it; there is no time-out. */
  async stream(query: Record<string, string>, userId: string | undefined, signal: AbortSignal): Promise<Response> {
    return await this.#send(`/subscribe?${new URLSearchParams(query)}`, { headers: { accept: 'text/event-stream', ...userHeader(userId) }, signal })
  }

  async get<T>(path: string): Promise<T> {
    return await this.#inTime(async signal => await readGatewayReply<T>(await this.#send(path, { signal })))
  }

  /** @throws SyncError `NETWORK_ERROR` where there is no answer at all. Any answer is one, whoever gave it. */
  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      const response = await this.options.fetch(this.options.base + path, {
        // A gateway of another origin lets cookies in only where it names ours.
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

/** So that a page opened by one user never acts as the one who has signed in since. */
function userHeader(userId: string | undefined): Record<string, string> {
  return userId === undefined ? {} : { [USER_HEADER]: encodeURIComponent(userId) }
}
