import type { ConvexClient } from 'convex/browser'
import type { SyncLogger } from '../core/sync/environment/environment'
import type { ConvexTokenFetcher } from '../core/sync/transport/convex/convex-auth'
import { CONVEX_BATCH_OPS, CONVEX_LIMITS } from '../shared/sync/protocol/limits'
import type { PullRequest, PullResponse, PushLimits, PushResult, SyncProvider, SyncScope } from '../shared/sync/protocol/types'
import { fetchSyncToken } from './fetch-sync-token'

export interface ConvexOrGatewayProviderOptions {
  /** Origin and base path of the app's server, which hands out tokens. */
  baseURL: string
  /** The server refuses a token when somebody else has signed in since. Absent: not checked. */
  userId?: string
  /** Makes a Convex client for this user. Null: no deployment is configured, or the package `convex` is not installed. */
  openClient: (() => Promise<ConvexClient>) | null
  gateway: SyncProvider
  log: SyncLogger
}

/**
 * The built-in provider `convex`, for one user of a page. It speaks to Convex directly while the app's server hands out tokens, and through
 * the gateway otherwise. The code of the direct way, and Convex's client, are loaded with the first call.
 */
export class ConvexOrGatewayProvider implements SyncProvider {
  readonly id = 'convex'
  readonly batchOps = CONVEX_BATCH_OPS
  #direct: Promise<SyncProvider> | null = null
  #hasNoTokens: boolean

  constructor(private readonly options: ConvexOrGatewayProviderOptions) {
    this.#hasNoTokens = options.openClient === null
  }

  get mode(): SyncProvider['mode'] {
    return this.#hasNoTokens ? 'gateway' : 'direct'
  }

  push = (...args: Parameters<SyncProvider['push']>): Promise<PushResult> => this.#call(provider => provider.push(...args))
  pull = (request: PullRequest): Promise<PullResponse> => this.#call(provider => provider.pull(request))
  subscribe = (...args: Parameters<SyncProvider['subscribe']>): Promise<() => void> => this.#call(provider => provider.subscribe(...args))
  updateCursor = (scope: SyncScope, deviceId: string, version: number): Promise<void> => this.#call(async provider => await provider.updateCursor?.(scope, deviceId, version))
  transport = (): 'direct' | 'event-stream' | 'polling' | undefined => this.mode === 'direct' ? 'direct' : this.options.gateway.transport?.()
  /** Always asked of the app's server, also when changes go to Convex directly. */
  schemaVersion = async (): Promise<number | undefined> => await this.options.gateway.schemaVersion?.()

  pushLimits = async (): Promise<PushLimits | undefined> => this.mode === 'direct' ? CONVEX_LIMITS : await this.options.gateway.pushLimits?.()

  async dispose(): Promise<void> {
    await (await this.#direct?.catch(() => null))?.dispose?.()
  }

  /** When a call finds out that the server has no tokens, nothing was sent yet. So it can be repeated through the gateway. */
  async #call<T>(action: (provider: SyncProvider) => Promise<T>): Promise<T> {
    if (this.#hasNoTokens) return await action(this.options.gateway)
    try { return await action(await this.#open()) }
    catch (error) {
      if (!this.#hasNoTokens) throw error
      // Otherwise the Convex client would go on trying to connect.
      await this.dispose()
      return await action(this.options.gateway)
    }
  }

  #open(): Promise<SyncProvider> {
    return this.#direct ??= this.#load().catch((error) => {
      this.#direct = null
      throw error
    })
  }

  async #load(): Promise<SyncProvider> {
    const { ConvexSyncProvider } = await import('../core/sync/transport/convex/convex-sync-provider')
    return new ConvexSyncProvider({ client: this.options.openClient!, fetchToken: this.#fetchToken })
  }

  #fetchToken: ConvexTokenFetcher = async () => {
    const answer = await fetchSyncToken(this.options)
    if (answer.kind === 'token') return answer.token
    if (answer.kind === 'none' && !this.#hasNoTokens) {
      this.#hasNoTokens = true
      this.options.log.warn('Sync goes through the gateway: the server has no key for tokens (OR3_SYNC_TOKEN_KEY)')
    }
    return null
  }
}
