import { setTimeout as wait } from 'node:timers/promises'
import type { ConvexClient } from 'convex/browser'
import { backOff } from '#or3-sync/shared/sync/protocol/retry-policy'
import { SERVICE_SUBJECT } from '#or3-sync/shared/sync/store/service-subject'
import type { ConvexArgs, ConvexReturns } from './convex-deployment'
import type { ConvexLogger } from './convex-logger'
import type { ConvexTokens } from './convex-tokens'
import { loadConvex } from './load-convex'

export interface WatchSocketOptions {
  url: string
  tokens: ConvexTokens
  logger?: ConvexLogger
  /** From 0 to below 1. */
  random: () => number
  /** Default: Convex's own client. */
  load?: typeof loadConvex
}

type Watched = ConvexReturns<'watchChanges'>

/**
 * One WebSocket for all watched workspaces, signed in as the gateway itself. Convex's client repairs a lost connection, but gives up when it
 * cannot sign in or cannot be opened. These are retried here for ever, and logged once.
 */
export class WatchSocket {
  #client: Promise<ConvexClient | null> | null = null
  /** How often in a row opening or signing in has failed. */
  #failures = 0
  #isWaiting = false
  /** Why the last token could not be made. Null: it could. */
  #noToken: unknown = null
  readonly #closed = new AbortController()

  constructor(private readonly options: WatchSocketOptions) {}

  watch(workspaceId: string, onValue: (value: Watched) => void): () => void {
    const stopped = new AbortController()
    void this.#subscribe(workspaceId, onValue, AbortSignal.any([stopped.signal, this.#closed.signal]))
    return () => stopped.abort()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await (await this.#client)?.close()
  }

  async #subscribe(workspaceId: string, onValue: (value: Watched) => void, over: AbortSignal): Promise<void> {
    let client = await this.#open()
    while (!client && await this.#pause(over)) client = await this.#open()
    if (!client || over.aborted) return
    const { makeFunctionReference } = await loadConvex()
    const reference = makeFunctionReference<'query', ConvexArgs<'watchChanges'>, Watched>('sync:watchChanges')
    if (over.aborted) return
    // Errors of the query are ignored. The subscription stays, and brings a value when the query works again.
    const unsubscribe = client.onUpdate(reference, { workspaceId }, onValue, () => {})
    over.addEventListener('abort', () => unsubscribe(), { once: true })
  }

  /** @returns null if it could not be opened this time */
  #open(): Promise<ConvexClient | null> {
    return this.#client ??= this.#make().catch((error) => {
      this.#client = null
      this.#failed(error)
      return null
    })
  }

  async #make(): Promise<ConvexClient> {
    const { ConvexClient } = await (this.options.load ?? loadConvex)()
    const client = new ConvexClient(this.options.url, { skipConvexDeploymentUrlCheck: true, logger: false, unsavedChangesWarning: false })
    this.#signIn(client)
    return client
  }

  /** The client asks for fresh tokens by itself. After a missing or refused token it stops asking until `setAuth` is called again. */
  #signIn(client: ConvexClient): void {
    client.setAuth(options => this.#token(options), (isSignedIn) => {
      if (isSignedIn) this.#failures = 0
      else void this.#signInAgain(client)
    })
  }

  async #signInAgain(client: ConvexClient): Promise<void> {
    if (this.#isWaiting || this.#closed.signal.aborted) return
    this.#isWaiting = true
    this.#failed(this.#noToken ?? new Error('the deployment does not take the gateway\'s token'))
    const isOpen = await this.#pause(this.#closed.signal)
    this.#isWaiting = false
    if (isOpen) this.#signIn(client)
  }

  /** Returns null instead of throwing: if this getter threw, the client would wait for ever. */
  async #token({ forceRefreshToken }: { forceRefreshToken: boolean }): Promise<string | null> {
    const { tokens } = this.options
    this.#noToken = null
    if (forceRefreshToken) tokens.forget(SERVICE_SUBJECT)
    try { return await tokens.get(SERVICE_SUBJECT) }
    catch (error) {
      this.#noToken = error
      return null
    }
  }

  #failed(error: unknown): void {
    if (++this.#failures > 1) return
    this.options.logger?.warn('[or3-sync] the socket by which this server hears of commits on Convex cannot be opened or signed in; this is retried until it works, and devices hear of commits late meanwhile', { error })
  }

  /** @returns false if `over` was aborted meanwhile */
  async #pause(over: AbortSignal): Promise<boolean> {
    return await wait(backOff('push', Math.max(1, this.#failures), this.options.random), true, { signal: over, ref: false }).catch(() => false)
  }
}
