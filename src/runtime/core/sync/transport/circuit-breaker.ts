import { SyncError, toWireError } from '../../../shared/sync/protocol/errors'
import { BREAKER_FAILURES, BREAKER_OPEN_MS } from '../../../shared/sync/protocol/limits'
import { RETRY_POLICY } from '../../../shared/sync/protocol/retry-policy'
import type { PullRequest, PullResponse, SyncProvider } from '../../../shared/sync/protocol/types'
import type { SyncClock } from '../environment/environment'
import { untilAnswered } from '../environment/until-answered'
import { providerParts } from './provider-parts'

/**
 * Spares a store that is down. After 5 failures in a row it lets nothing through for 30 s. Then it lets one request at a time through, the probe,
 * until one succeeds.
 */
export class CircuitBreaker {
  #failures = 0
  #openUntil = 0
  #probing = false

  constructor(private readonly now: () => number) {}

  async run<T>(request: () => Promise<T>): Promise<T> {
    const isProbe = this.#failures >= BREAKER_FAILURES
    if (isProbe) this.#takeProbe()
    try {
      const result = await request()
      this.#failures = 0
      return result
    }
    catch (thrown) {
      const error = toWireError(thrown)
      const { store } = RETRY_POLICY[error.code]
      if (store === 'failing') this.#fail()
      else if (store === 'well') this.#failures = 0
      throw error
    }
    finally {
      if (isProbe) this.#probing = false
    }
  }

  /** Ends the pause early, because the store may be back. The next request is a probe. */
  allowProbe(): void {
    this.#openUntil = 0
  }

  /** How long nothing may be sent, in milliseconds. 0: a request may be sent now. */
  get waitMs(): number {
    if (this.#failures < BREAKER_FAILURES) return 0
    // If the clock was set back, the pause would otherwise be longer than intended.
    this.#openUntil = Math.min(this.#openUntil, this.now() + BREAKER_OPEN_MS)
    return Math.max(0, this.#openUntil - this.now())
  }

  #takeProbe(): void {
    const retryAfter = this.waitMs
    // The code of the failures that opened the breaker.
    if (retryAfter > 0 || this.#probing) throw new SyncError('SERVER_ERROR', 'the store failed too often; waiting before the next try', { retryAfter })
    this.#probing = true
  }

  #fail(): void {
    this.#failures++
    if (this.#failures >= BREAKER_FAILURES) this.#openUntil = this.now() + BREAKER_OPEN_MS
  }
}

/** The breakers of one engine. There are two, because a store that takes no writes may still be readable. */
export interface Breakers {
  push: CircuitBreaker
  pull: CircuitBreaker
}

export interface GuardedProvider extends SyncProvider {
  /** Once the signal aborts, the call rejects without waiting for the answer. */
  pull: (request: PullRequest, options?: { signal?: AbortSignal }) => Promise<PullResponse>
}

/** Wraps a provider's `push` and `pull` with the breakers and a time limit. Subscriptions need no breaker: after a failure the engine pulls first. */
export function guardProvider(provider: SyncProvider, breakers: Breakers, clock: SyncClock): GuardedProvider {
  return {
    ...providerParts(provider),
    push: (...args) => breakers.push.run(() => untilAnswered(provider.push(...args), { clock, what: 'push', signal: args[1]?.signal })),
    pull: (request, options) => breakers.pull.run(() => untilAnswered(provider.pull(request), { clock, what: 'pull', signal: options?.signal })),
    subscribe: (...args) => provider.subscribe(...args),
    ...(provider.updateCursor ? { updateCursor: (...args: Parameters<NonNullable<SyncProvider['updateCursor']>>) => provider.updateCursor!(...args) } : {}),
  }
}
