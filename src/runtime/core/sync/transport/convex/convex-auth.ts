import type { ConvexClient } from 'convex/browser'
import { SyncError } from '../../../../shared/sync/protocol/errors'
import { inTime } from '../../../../shared/sync/waiting/in-time'
import { realTimers } from '../../../../shared/sync/waiting/timers'

/**
 * Gives a token for the user who is signed in, or null where there is none. With `forceRefreshToken` a new one: the last is about
 * to expire, or was refused. What it throws is what the engine is told: a `SyncError` says whether trying again can help. One that
 * does not answer in time has failed, and is asked again.
 */
export type ConvexTokenFetcher = (options: { forceRefreshToken: boolean }) => Promise<string | null>

/** Keeps a client signed in. The client refreshes its token by itself; once it could not, it has to be told to begin again. */
export class ConvexAuth {
  #signedIn: Promise<boolean> | null = null
  /** Rises whenever the client is signed in anew, and when it could not be: what lies between may have been called as nobody. */
  #standing = 0
  /** Why there is no token, where somebody said so. */
  #failure: unknown = null

  constructor(private readonly client: ConvexClient, private readonly fetchToken: ConvexTokenFetcher, private readonly timeoutMs: number) {}

  /** The same number before a call and after it: it was made by the user who is signed in. */
  get standing(): number {
    return this.#standing
  }

  /** @throws What the getter threw; else SyncError `UNAUTHORIZED`: there is no token, or the deployment takes none. */
  async ensure(): Promise<void> {
    if (await (this.#signedIn ??= this.#begin())) return
    throw this.#failure ?? new SyncError('UNAUTHORIZED', 'there is no token that the Convex deployment takes')
  }

  /** Resolves with the first outcome; a later loss makes the next `ensure` begin again. */
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

  /** For a getter that throws, or does not answer, the client would wait for ever. */
  async #fetchSafely(options: { forceRefreshToken: boolean }): Promise<string | null> {
    const late = (): never => { throw new SyncError('NETWORK_ERROR', 'no token came in time') }
    try { return await inTime(this.fetchToken(options), { ms: this.timeoutMs, timers: realTimers, late }) }
    catch (error) {
      this.#failure = error
      return null
    }
  }
}
