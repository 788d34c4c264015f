import type { ConvexClient } from 'convex/browser'
import { SyncError } from '../../../../shared/sync/protocol/errors'
import { inTime } from '../../../../shared/sync/waiting/in-time'
import { realTimers } from '../../../../shared/sync/waiting/timers'

/**
 * Gets a token for the user who is signed in. Null: nobody is signed in.
 *
 * - `forceRefreshToken`: get a new token, because the last one is about to expire or was refused.
 * - An error that it throws is passed on to the engine. Throw a `SyncError` to say whether trying again can help.
 * - If it does not answer in time, that counts as `NETWORK_ERROR`, and it is called again later.
 */
export type ConvexTokenFetcher = (options: { forceRefreshToken: boolean }) => Promise<string | null>

/** Keeps a Convex client signed in. The client refreshes its token by itself, but after a failure it has to be told to begin again. */
export class ConvexAuth {
  #signedIn: Promise<boolean> | null = null
  /** A counter of sign-ins and sign-outs: it rises when a sign-in begins, and when the client has lost or been refused its sign-in. */
  #standing = 0
  /** What the token fetcher threw last. */
  #failure: unknown = null

  constructor(private readonly client: ConvexClient, private readonly fetchToken: ConvexTokenFetcher, private readonly timeoutMs: number) {}

  /** If this number differs before and after a call, the client may have made the call without a user. */
  get standing(): number {
    return this.#standing
  }

  /** Resolves when the client is signed in. @throws what the token fetcher threw; else SyncError `UNAUTHORIZED`: no token, or the deployment refuses it */
  async ensure(): Promise<void> {
    if (await (this.#signedIn ??= this.#begin())) return
    throw this.#failure ?? new SyncError('UNAUTHORIZED', 'there is no token that the Convex deployment takes')
  }

  /** Resolves with the first outcome. If the sign-in is lost later, the next `ensure` begins again. */
  #begin(): Promise<boolean> {
    this.#failure = null
    this.#standing++
    return new Promise((resolve) => {
      this.client.setAuth(options => this.#fetchSafely(options), (isAuthenticated) => {
        if (!isAuthenticated) {
          this.#signedIn = null
          this.#standing++
        }
        resolve(isAuthenticated)
      })
    })
  }

  /** Without this, the client would wait for ever if the token fetcher throws or does not answer. */
  async #fetchSafely(options: { forceRefreshToken: boolean }): Promise<string | null> {
    const late = (): never => { throw new SyncError('NETWORK_ERROR', 'no token came in time') }
    try { return await inTime(this.fetchToken(options), { ms: this.timeoutMs, timers: realTimers, late }) }
    catch (error) {
      this.#failure = error
      return null
    }
  }
}
