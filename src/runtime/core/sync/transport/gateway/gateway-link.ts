import { GATEWAY_BASE, POLL_INTERVAL_MS } from '../../../../shared/sync/protocol/limits'
import type { OnChanges, PullRequest, PullResponse, PushBatch, PushLimits, PushOptions, PushResult, SessionResponse, SubscribeOptions, SyncProvider, SyncScope } from '../../../../shared/sync/protocol/types'
import { linkSignals } from '../../environment/link-signals'
import { EventStreamFeed } from './feed/event-stream-feed'
import { FeedChooser } from './feed/feed-chooser'
import { followFeed } from './feed/follow-feed'
import { PolledFeed } from './feed/polled-feed'
import type { GatewayCalls } from './gateway-calls'
import { GatewayClient } from './gateway-client'
import type { GatewaySyncProviderOptions } from './gateway-sync-provider'
import { HttpCalls } from './http-calls'
import { browserSlots } from './streams/browser-slots'

type Work = Required<Omit<SyncProvider, 'id' | 'mode' | 'maxOps' | 'batchOps' | 'dispose'>>

/** Does the work of a `GatewaySyncProvider`: requests, and the choice between events and polling. */
export class GatewayLink implements Work {
  readonly #calls: GatewayCalls
  readonly #feed: FeedChooser
  /** The call of `GET /session` that is under way. */
  #session: Promise<SessionResponse> | null = null

  /** `disposed`: ends every request and subscription. */
  constructor({ baseURL = '', fetch, pollIntervalMs = POLL_INTERVAL_MS }: GatewaySyncProviderOptions, private readonly disposed: AbortSignal) {
    const base = baseURL.replace(/\/+$/, '') + GATEWAY_BASE
    // Wrapped, because the browser's `fetch` throws if it is called as a method of another object.
    const client = new GatewayClient({ base, fetch: fetch ?? ((...args) => globalThis.fetch(...args)), disposed })
    this.#calls = new HttpCalls(client)
    this.#feed = new FeedChooser({
      live: [new EventStreamFeed({ client, slots: browserSlots(base) })],
      polls: new PolledFeed({ calls: this.#calls, pollMs: pollIntervalMs }),
    })
  }

  async push(batch: PushBatch, options?: PushOptions): Promise<PushResult> {
    return await this.#calls.push(batch, options)
  }

  async pull(request: PullRequest): Promise<PullResponse> {
    return await this.#calls.pull(request)
  }

  async updateCursor(scope: SyncScope, deviceId: string, version: number): Promise<void> {
    await this.#calls.moveCursor(scope, deviceId, version)
  }

  transport(): 'event-stream' | 'polling' {
    return this.#feed.isLive ? 'event-stream' : 'polling'
  }

  async schemaVersion(): Promise<number | undefined> {
    return (await this.#askSession()).schemaVersion
  }

  async pushLimits(): Promise<PushLimits | undefined> {
    return (await this.#askSession()).limits
  }

  async subscribe(scope: SyncScope, tables: string[], onChanges: OnChanges, options?: SubscribeOptions): Promise<() => void> {
    const { signal, abort } = linkSignals([this.disposed, options?.signal])
    const onStatus = options?.onStatus ?? (() => {})
    try {
      // The engine has just pulled, so the first poll can wait: `isLevel`.
      const feed = await this.#feed.open({ scope, tables, node: options?.node, cursor: options?.cursor ?? await this.#latest(scope), isLevel: true, signal })
      if (signal.aborted) feed.close()
      else {
        onStatus('connected')
        void followFeed(feed, { onChanges, onStatus, signal })
      }
    }
    catch (error) {
      abort()
      throw error
    }
    return () => abort()
  }

  /** Calls at the same time share one request. */
  async #askSession(): Promise<SessionResponse> {
    return await (this.#session ??= this.#calls.session().finally(() => { this.#session = null }))
  }

  async #latest(scope: SyncScope): Promise<() => number> {
    const page = await this.pull({ scope, cursor: 0, limit: 1, order: 'desc' })
    const version = page.latestVersion ?? page.nextCursor
    return () => version
  }
}
