import type { SyncError, WireError } from './errors'
import { ASIDE_BASE_MS, ASIDE_MAX_MS, RETRY_BASE_MS, RETRY_JITTER, RETRY_MAX_MS, STREAM_RETRY_MAX_MS, STREAM_RETRY_MS, TIMER_MAX_MS } from './limits'
import type { WireErrorCode } from './types'

/**
 * What to do with a batch that failed as a whole.
 *
 * - `too-large`: it is halved until it passes.
 * - `invalid`: it is halved until the op that the store refuses is found.
 * - `refused`: this user may not write. All ops become dead letters.
 * - `strange`: something other than the store has answered, or the request was damaged on its way. That may be over soon. Or something on the
 *   way does not let one of the ops through.
 * - `broken`: the store fails, and does not say when to come back. It is in trouble, or it fails because of this very batch. Convex does so if a
 *   batch exceeds a limit of a transaction.
 * - `wait`: it is tried again later, unchanged.
 */
export type BatchVerdict = 'too-large' | 'invalid' | 'refused' | 'strange' | 'broken' | 'wait'

/** What an error code means for a retry. */
interface RetryPolicy {
  /** Whether the same request can succeed when it is sent again. An error may say otherwise. */
  retryable: boolean
  /** What to do with an op that was refused with it. `dead-letter`: the same op would get it again for ever. */
  op: 'dead-letter' | 'retry' | 'restamp'
  /** What to do with a batch that failed with it as a whole. `judgeBatchFailure` looks at more than the code. */
  batch: BatchVerdict
  /**
   * What it says of the store to the circuit breaker. `failing`: it counts as a failure. `well`: the store has refused the request, but it has
   * answered, so it works. `unknown`: if nothing answers, back-off is enough, and the network may be back at any moment.
   */
  store: 'failing' | 'well' | 'unknown'
  /** Whether the same request would fail again, if it is the gateway that answers so. */
  isFinalAtGateway: boolean
  /** Whether a push that failed with it was certainly not applied. */
  isUnapplied: boolean
}

export const RETRY_POLICY: Readonly<Record<WireErrorCode, RetryPolicy>> = {
  VALIDATION_ERROR: { retryable: false, op: 'dead-letter', batch: 'invalid', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  OVERSIZED: { retryable: false, op: 'dead-letter', batch: 'too-large', store: 'well', isFinalAtGateway: true, isUnapplied: true },
  CLOCK_SKEW: { retryable: false, op: 'restamp', batch: 'wait', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  UNAUTHORIZED: { retryable: true, op: 'retry', batch: 'wait', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  USER_CHANGED: { retryable: true, op: 'retry', batch: 'wait', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  CONFLICT: { retryable: false, op: 'dead-letter', batch: 'wait', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  NOT_FOUND: { retryable: false, op: 'dead-letter', batch: 'wait', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  RATE_LIMITED: { retryable: true, op: 'retry', batch: 'wait', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  NETWORK_ERROR: { retryable: true, op: 'retry', batch: 'wait', store: 'unknown', isFinalAtGateway: false, isUnapplied: false },
  SERVER_ERROR: { retryable: true, op: 'retry', batch: 'broken', store: 'failing', isFinalAtGateway: false, isUnapplied: false },
  UNKNOWN: { retryable: true, op: 'retry', batch: 'strange', store: 'unknown', isFinalAtGateway: false, isUnapplied: false },
  READ_ONLY: { retryable: false, op: 'dead-letter', batch: 'refused', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  FOREIGN_ORIGIN: { retryable: true, op: 'retry', batch: 'wait', store: 'well', isFinalAtGateway: false, isUnapplied: true },
  UNSUPPORTED_PROTOCOL: { retryable: false, op: 'retry', batch: 'wait', store: 'well', isFinalAtGateway: true, isUnapplied: true },
  SYNC_DISABLED: { retryable: false, op: 'retry', batch: 'wait', store: 'well', isFinalAtGateway: false, isUnapplied: true },
}

export function judgeBatchFailure(error: WireError): BatchVerdict {
  if (isBarred(error)) return 'refused'
  const { batch } = RETRY_POLICY[error.code]
  // The request was damaged on its way.
  if (batch === 'invalid' && error.retryable) return 'strange'
  // A store that says when to come back knows what is wrong, and it is not the batch.
  return batch === 'broken' && error.retryAfter !== undefined ? 'wait' : batch
}

/**
 * Whether the user is signed in but has no access, for example because the membership has ended. Signing in again does not help, unlike
 * after an expired session (which is retryable). A provider reports this with `UNAUTHORIZED` and `retryable: false`.
 */
export function isBarred(error: SyncError): boolean {
  return error.code === 'UNAUTHORIZED' && !error.retryable
}

interface Curve {
  /** Milliseconds after the first failure. */
  first: number
  factor: number
  most: number
  /** With jitter, too, the delay is at most `most`. */
  isFirm?: boolean
}

const CURVES = {
  /** After a failed request: 250 ms doubling up to 60 s, ±30 %. */
  push: { first: RETRY_BASE_MS, factor: 2, most: RETRY_MAX_MS },
  /** For an op that waits aside: 10 s, then three times as long each time, up to an hour. */
  aside: { first: ASIDE_BASE_MS, factor: 3, most: ASIDE_MAX_MS, isFirm: true },
  /** After an event stream that did not come through: a minute, then twice as long each time, up to an hour, without jitter. */
  stream: { first: STREAM_RETRY_MS, factor: 2, most: STREAM_RETRY_MAX_MS },
} satisfies Record<string, Curve>

/** Milliseconds to wait after the `n`th failure in a row (1 = the first). */
export function backOff(curve: 'stream', n: number): number
export function backOff(curve: 'push' | 'aside', n: number, random: () => number): number
export function backOff(curve: keyof typeof CURVES, n: number, random = () => 0.5): number {
  const { first, factor, most, isFirm }: Curve = CURVES[curve]
  const delay = first * factor ** (n - 1)
  const spread = 1 + RETRY_JITTER * (2 * random() - 1)
  return isFirm ? Math.min(most, Math.round(delay * spread)) : Math.round(Math.min(delay, most) * spread)
}

/** Like `backOff` on the curve `push`. If the other side asked for a longer wait (`retryAfter`, milliseconds), that counts. */
export function retryDelay(n: number, random: () => number, retryAfter = 0): number {
  const asked = retryAfter > 0 ? Math.min(retryAfter, TIMER_MAX_MS) : 0
  return Math.max(asked, backOff('push', n, random))
}
