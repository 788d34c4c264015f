import { SyncError } from '../../../shared/sync/errors'
import { GATEWAY_BASE, MARK_HEADER, POLL_INTERVAL_MS, PROTOCOL_HEADER, PROTOCOL_VERSION, USER_HEADER } from '../../../shared/sync/limits'
import type { PullRequest, PullResponse, PushBatch, PushResult, SessionResponse, SubscribeOptions, SyncChange, SyncProvider, SyncScope, ChangePage } from '../../../shared/sync/types'
import { gatewayError } from './gateway-error'
import { readEventStream } from './read-event-stream'

const REQUEST_TIMEOUT_MS = 30_000
/** A proxy that buffers gives us a stream on which nothing ever comes. */
const STREAM_SILENCE_MS = 45_000
/** An event stream answers at once; what takes longer is held up on the way. */
const STREAM_OPEN_MS = 8_000
const POLL_LIMIT = 2_000
/** Browsers let keepalive requests carry 64 KiB in all; a character takes up to 3 bytes. */
const KEEPALIVE_MAX_CHARS = 20_000

export interface GatewaySyncProviderOptions {
  /** Origin of the app's server; `/api/sync` is added. Default: the page's own. */
  baseURL?: string
  fetch?: typeof globalThis.fetch
  /** Between polls while no event stream can be had, in milliseconds. Default: 2,000. */
  pollIntervalMs?: number
}

/** Syncs through the app's own Nitro server: JSON over HTTP, live changes by server-sent events, else by polling. */
export class GatewaySyncProvider implements SyncProvider {
  readonly id = 'gateway'
  readonly mode = 'gateway' as const
  readonly #base: string
  readonly #fetch: typeof globalThis.fetch
  readonly #pollMs: number
  readonly #disposed = new AbortController()

  constructor({ baseURL = '', fetch, pollIntervalMs = POLL_INTERVAL_MS }: GatewaySyncProviderOptions = {}) {
    this.#base = baseURL.replace(/\/+$/, '') + GATEWAY_BASE
    // Called as a bare function: the browser's fetch insists on its own `this`.
    this.#fetch = fetch ?? ((...args) => globalThis.fetch(...args))
    this.#pollMs = pollIntervalMs
  }

  async push(batch: PushBatch): Promise<PushResult> {
    const ops = batch.ops.map(({ tableName, operation, pk, payload, stamp, base, unheard }) => ({ tableName, operation, pk, payload, stamp, base, unheard }))
    return await this.#post<PushResult>('/push', { scope: batch.scope, ops }, batch.mark)
  }

  async pull({ mark, ...request }: PullRequest): Promise<PullResponse> {
    return await this.#post<PullResponse>('/pull', { ...request }, mark)
  }

  async updateCursor(scope: SyncScope, deviceId: string, version: number): Promise<void> {
    await this.#post('/cursor', { scope, deviceId, version })
  }

  async schemaVersion(): Promise<number | undefined> {
    const response = await this.#request('/session', { signal: AbortSignal.any([this.#disposed.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) })
    if (!response.ok) throw await gatewayError(response)
    return (await response.json() as SessionResponse).schemaVersion
  }

  async subscribe(scope: SyncScope, tables: string[], onChanges: (changes: SyncChange[], page?: ChangePage) => void, options?: SubscribeOptions): Promise<() => void> {
    const stopped = new AbortController()
    const signal = AbortSignal.any([stopped.signal, this.#disposed.signal, ...(options ? [options.signal] : [])])
    const cursor = options?.cursor ?? await this.#latest(scope)
    const response = await this.#openStream({
      workspaceId: scope.workspaceId, cursor: String(cursor()), tables: tables.join(','), ...(options?.node ? { node: options.node } : {}),
    }, scope, signal)
    const follow = response
      ? this.#followStream(response, onChanges, options, signal)
      : this.#poll(scope, tables, cursor, onChanges, options, signal)
    follow.catch((error: unknown) => { if (!signal.aborted) options?.onStatus('error', { error }) })
    return () => stopped.abort()
  }

  dispose(): void {
    this.#disposed.abort()
  }

  /** Null where the way to the server carries no event streams. */
  async #openStream(query: Record<string, string>, { userId }: SyncScope, signal: AbortSignal): Promise<Response | null> {
    const tooLate = new AbortController()
    const timer = setTimeout(() => tooLate.abort(), STREAM_OPEN_MS)
    let response: Response
    try {
      response = await this.#request(`/subscribe?${new URLSearchParams(query)}`, { headers: { accept: 'text/event-stream', ...userHeader(userId) }, signal: AbortSignal.any([signal, tooLate.signal]) })
    }
    catch (error) {
      // A proxy that holds the answer back until it is complete: that will never be.
      if (tooLate.signal.aborted && !signal.aborted) return null
      throw error
    }
    finally { clearTimeout(timer) }
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (response.ok && isStream && response.body) return response
    await response.body?.cancel()
    if (response.ok || response.status === 405 || response.status === 406 || response.status === 501) return null
    throw await gatewayError(response)
  }

  async #followStream(response: Response, onChanges: (changes: SyncChange[], page?: ChangePage) => void, options: SubscribeOptions | undefined, signal: AbortSignal): Promise<void> {
    options?.onStatus('connected')
    for await (const { event, data } of readEventStream(response.body!, { signal, silenceMs: STREAM_SILENCE_MS })) {
      if (event === 'rescan') return options?.onStatus('connected', { rescan: true, restored: (JSON.parse(data) as PullResponse).restored })
      if (event === 'session') options?.onStatus('connected', { session: true })
      if (event !== 'changes') continue
      const page = JSON.parse(data) as PullResponse & { from: number }
      if (page.requiresRescan) return options?.onStatus('connected', { rescan: true })
      onChanges(page.changes, { from: page.from, nextCursor: page.nextCursor, epoch: page.epoch, mark: page.mark })
    }
    throw new SyncError('NETWORK_ERROR', 'the event stream ended')
  }

  async #poll(scope: SyncScope, tables: string[], cursor: () => number, onChanges: (changes: SyncChange[], page?: ChangePage) => void, options: SubscribeOptions | undefined, signal: AbortSignal): Promise<void> {
    options?.onStatus('connected')
    let position = cursor()
    let mark: string | undefined
    for (;;) {
      await delay(this.#pollMs, signal)
      position = Math.max(position, options ? cursor() : 0)
      const page = await this.pull({ scope, cursor: position, limit: POLL_LIMIT, tables, ...(mark === undefined ? {} : { mark }) })
      if (signal.aborted) return
      if (page.requiresRescan) return options?.onStatus('connected', { rescan: true, restored: page.restored })
      mark = page.mark
      if (page.changes.length || page.nextCursor !== position) onChanges(page.changes, { from: position, nextCursor: page.nextCursor, epoch: page.epoch, mark: page.mark })
      position = page.nextCursor
    }
  }

  async #latest(scope: SyncScope): Promise<() => number> {
    const page = await this.pull({ scope, cursor: 0, limit: 1, order: 'desc' })
    const version = page.latestVersion ?? page.nextCursor
    return () => version
  }

  /** Marks travel in headers, both ways. */
  async #post<T>(path: string, { scope: { userId, ...scope }, ...body }: { scope: SyncScope, [field: string]: unknown }, knownMark?: string): Promise<T> {
    const signal = AbortSignal.any([this.#disposed.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)])
    const text = JSON.stringify({ scope, ...body })
    const response = await this.#request(path, {
      method: 'POST', headers: { 'content-type': 'application/json', ...userHeader(userId), ...(knownMark === undefined ? {} : { [MARK_HEADER]: knownMark }) }, body: text, signal,
      // A small push under way when the page closes still arrives.
      keepalive: path === '/push' && text.length < KEEPALIVE_MAX_CHARS,
    })
    if (!response.ok) throw await gatewayError(response)
    const mark = response.headers.get(MARK_HEADER)
    try { return { ...await response.json() as T, ...(mark === null ? {} : { mark }) } }
    catch (cause) { throw new SyncError('NETWORK_ERROR', 'the gateway\'s reply was cut off', { cause }) }
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(this.#base + path, {
        // A gateway of another origin lets cookies in only where it names ours.
        credentials: 'include', cache: 'no-store', ...init, headers: { ...init.headers, [PROTOCOL_HEADER]: String(PROTOCOL_VERSION) },
      })
    }
    catch (cause) {
      throw new SyncError('NETWORK_ERROR', 'the gateway could not be reached', { cause })
    }
  }
}

/** So that a page opened by one user never acts as the one who has signed in since. */
function userHeader(userId: string | undefined): Record<string, string> {
  return userId === undefined ? {} : { [USER_HEADER]: encodeURIComponent(userId) }
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    }, { once: true })
  })
}
