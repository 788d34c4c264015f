import { GATEWAY_BASE, POLL_INTERVAL_MS } from '../../../../shared/sync/protocol/limits'
import type { OnChanges, PullRequest, PullResponse, PushBatch, PushOptions, PushResult, SessionResponse, SubscribeOptions, SyncProvider, SyncScope } from '../../../../shared/sync/protocol/types'
import { linkSignals } from '../../environment/link-signals'
import { GatewayClient } from './gateway-client'
import { browserSlots } from './streams/browser-slots'
import { GatewaySubscription } from './streams/gateway-subscription'
import { StreamRetry } from './streams/stream-retry'
import type { StreamSlots } from './streams/stream-slots'

const POLL_LIMIT = 2_000

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
  readonly #client: GatewayClient
  readonly #pollMs: number
  readonly #slots: StreamSlots
  /** What one subscription has learnt of the way to the server the next one knows. */
  readonly #retry = new StreamRetry(() => Date.now())

  constructor({ baseURL = '', fetch, pollIntervalMs = POLL_INTERVAL_MS }: GatewaySyncProviderOptions = {}) {
    const base = baseURL.replace(/\/+$/, '') + GATEWAY_BASE
    // Called as a bare function: the browser's fetch insists on its own `this`.
    this.#client = new GatewayClient({ base, fetch: fetch ?? ((...args) => globalThis.fetch(...args)) })
    this.#pollMs = pollIntervalMs
    this.#slots = browserSlots(base)
  }

  async push({ scope, ops: given, mark }: PushBatch, { signal }: PushOptions = {}): Promise<PushResult> {
    const ops = given.map(({ tableName, operation, pk, payload, stamp, base, unheard }) => ({ tableName, operation, pk, payload, stamp, base, unheard }))
    return await this.#client.post<PushResult>('/push', { scope, ops, mark }, { isPush: true, notAfter: signal })
  }

  async pull(request: PullRequest): Promise<PullResponse> {
    return await this.#client.post<PullResponse>('/pull', { ...request })
  }

  async updateCursor(scope: SyncScope, deviceId: string, version: number): Promise<void> {
    await this.#client.post('/cursor', { scope, deviceId, version })
  }

  async schemaVersion(): Promise<number | undefined> {
    return (await this.#client.get<SessionResponse>('/session')).schemaVersion
  }

  async subscribe(scope: SyncScope, tables: string[], onChanges: OnChanges, options?: SubscribeOptions): Promise<() => void> {
    const { signal, abort, release } = linkSignals([this.#client.disposed, options?.signal])
    const query = { workspaceId: scope.workspaceId, tables: tables.join(','), ...(options?.node ? { node: options.node } : {}) }
    const subscription = new GatewaySubscription({
      request: (cursor, wanted) => this.#client.stream({ ...query, cursor: String(cursor) }, scope.userId, wanted),
      pull: (cursor, mark) => this.pull({ scope, cursor, limit: POLL_LIMIT, tables, mark }),
      slots: this.#slots, retry: this.#retry, pollMs: this.#pollMs,
      cursor: options?.cursor ?? await this.#latest(scope),
      onChanges, onStatus: options?.onStatus ?? (() => {}), signal,
    })
    try { await subscription.begin() }
    catch (error) {
      release()
      throw error
    }
    return () => abort()
  }

  dispose(): void {
    this.#client.dispose()
  }

  async #latest(scope: SyncScope): Promise<() => number> {
    const page = await this.pull({ scope, cursor: 0, limit: 1, order: 'desc' })
    const version = page.latestVersion ?? page.nextCursor
    return () => version
  }
}
