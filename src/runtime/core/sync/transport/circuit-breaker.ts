import { SyncError, toWireError } from '../../../shared/sync/protocol/errors'
import { BREAKER_FAILURES, BREAKER_OPEN_MS } from '../../../shared/sync/protocol/limits'
import type { PullRequest, PullResponse, SyncProvider, WireErrorCode } from '../../../shared/sync/protocol/types'
import type { SyncClock } from '../environment/environment'
import { untilAnswered } from '../environment/until-answered'

/** Failures of a store that answers. Where nothing answers at all, back-off is enough, and the network may be back any moment. */
const COUNTS: ReadonlySet<WireErrorCode> = new Set(['SERVER_ERROR'])

/**
 * Spares a store that is down: after 5 failures in a row nothing is tried for 30 s, then one request at a time until one
 * passes. A probe is taken only by a request that is really made and is given back with its outcome, whatever that is.
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
      if (COUNTS.has(error.code)) this.#fail()
      // Refused, but answered: the store is well.
      else if (error.code !== 'NETWORK_ERROR' && error.code !== 'UNKNOWN') this.#failures = 0
      throw error
    }
    finally {
      if (isProbe) this.#probing = false
    }
  }

  /** Waiting is likely to be over: the next request is a probe. */
  allowProbe(): void {
    this.#openUntil = 0
  }

  /** Milliseconds for which nothing may be sent; 0: a request may. Whoever sends waits for that, without trying. */
  get waitMs(): number {
    if (this.#failures < BREAKER_FAILURES) return 0
    // Never longer than it was meant to be: the clock may have been set back.
    this.#openUntil = Math.min(this.#openUntil, this.now() + BREAKER_OPEN_MS)
    return Math.max(0, this.#openUntil - this.now())
  }

  #takeProbe(): void {
    const retryAfter = this.waitMs
    // What made it open is what is still wrong.
    if (retryAfter > 0 || this.#probing) throw new SyncError('SERVER_ERROR', 'the store failed too often; waiting before the next try', { retryAfter })
    this.#probing = true
  }

  #fail(): void {
    this.#failures++
    if (this.#failures >= BREAKER_FAILURES) this.#openUntil = this.now() + BREAKER_OPEN_MS
  }
}

/** The breakers of one engine: a store that cannot be written to may well be read. */
export interface Breakers {
  push: CircuitBreaker
  pull: CircuitBreaker
}

export interface GuardedProvider extends SyncProvider {
  /** Nobody waits for the answer any more once the signal has aborted. */
  pull: (request: PullRequest, options?: { signal?: AbortSignal }) => Promise<PullResponse>
}

/** The same provider behind breakers, which answers in time or fails. Subscriptions are not counted: they come back by pulling first. */
export function guardProvider(provider: SyncProvider, breakers: Breakers, clock: SyncClock): GuardedProvider {
  return {
    id: provider.id,
    mode: provider.mode,
    ...(provider.maxOps === undefined ? {} : { maxOps: provider.maxOps }),
    push: (...args) => breakers.push.run(() => untilAnswered(provider.push(...args), { clock, what: 'push', signal: args[1]?.signal })),
    pull: (request, options) => breakers.pull.run(() => untilAnswered(provider.pull(request), { clock, what: 'pull', signal: options?.signal })),
    subscribe: (...args) => provider.subscribe(...args),
    ...(provider.schemaVersion ? { schemaVersion: () => provider.schemaVersion!() } : {}),
    ...(provider.updateCursor ? { updateCursor: (...args: Parameters<NonNullable<SyncProvider['updateCursor']>>) => provider.updateCursor!(...args) } : {}),
  }
}
