import type { OnChanges, PullRequest, PullResponse, PushBatch, PushLimits, PushOptions, PushResult, SubscribeOptions, SyncProvider, SyncScope } from '../../../../shared/sync/protocol/types'
import type { GatewayLink } from './gateway-link'
import { loadedGatewayLink, loadGatewayLink } from './load-gateway-link'

export interface GatewaySyncProviderOptions {
  /** Origin of the app's server; `/api/sync` is added. Default: the page's own. */
  baseURL?: string
  /** Makes the requests. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch
  /** Pause between polls while there is no event stream, in milliseconds. Default: 2,000. */
  pollIntervalMs?: number
}

/**
 * Syncs through the app's own Nitro server, with JSON over HTTP. Live changes come as server-sent events, or by polling if events do not come through.
 *
 * The code that does this (`gateway-link.ts`) is a chunk of its own, which is loaded as soon as a provider is made. If it cannot be loaded, calls reject with
 * `NETWORK_ERROR`, so the engine tries again.
 */
export class GatewaySyncProvider implements SyncProvider {
  readonly id = 'gateway'
  readonly mode = 'gateway' as const
  readonly #disposed = new AbortController()
  /** Null: its code is not here yet. */
  #made: GatewayLink | null = null

  constructor(private readonly options: GatewaySyncProviderOptions = {}) {
    loadGatewayLink().catch(() => {})
  }

  async push(batch: PushBatch, options?: PushOptions): Promise<PushResult> {
    return await (this.#link ?? await this.#load()).push(batch, options)
  }

  async pull(request: PullRequest): Promise<PullResponse> {
    return await (this.#link ?? await this.#load()).pull(request)
  }

  async updateCursor(scope: SyncScope, deviceId: string, version: number): Promise<void> {
    await (this.#link ?? await this.#load()).updateCursor(scope, deviceId, version)
  }

  transport(): 'event-stream' | 'polling' {
    return this.#link?.transport() ?? 'polling'
  }

  async schemaVersion(): Promise<number | undefined> {
    return await (this.#link ?? await this.#load()).schemaVersion()
  }

  async pushLimits(): Promise<PushLimits | undefined> {
    return await (this.#link ?? await this.#load()).pushLimits()
  }

  async subscribe(scope: SyncScope, tables: string[], onChanges: OnChanges, options?: SubscribeOptions): Promise<() => void> {
    return await (this.#link ?? await this.#load()).subscribe(scope, tables, onChanges, options)
  }

  dispose(): void {
    this.#disposed.abort()
  }

  get #link(): GatewayLink | null {
    const Link = loadedGatewayLink()
    return this.#made ??= Link && new Link(this.options, this.#disposed.signal)
  }

  async #load(): Promise<GatewayLink> {
    await loadGatewayLink()
    return this.#link!
  }
}
