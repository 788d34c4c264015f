import { SyncError } from '../../../shared/sync/protocol/errors'
import { inTime } from '../../../shared/sync/waiting/in-time'
import type { SyncClock } from './environment'

/** Above the 30 s that the built-in providers give a request: it is for those that give none. */
const ANSWER_MS = 60_000

export interface UntilAnsweredOptions {
  clock: SyncClock
  /** As the error names the request, such as `push`. */
  what: string
  /** Nobody waits any more once it has aborted. */
  signal?: AbortSignal
  /** Milliseconds. Default: 60,000. */
  ms?: number
}

/**
 * A request's outcome, if it comes in time. One that comes later is nobody's business any more.
 *
 * @throws SyncError `NETWORK_ERROR` when it is late, as for any request that timed out; the request's own error; the signal's reason.
 */
export async function untilAnswered<T>(request: Promise<T>, { clock, what, signal, ms = ANSWER_MS }: UntilAnsweredOptions): Promise<T> {
  const late = (): never => {
    const message = `the provider's ${what} has not answered within ${ms / 1_000} s`
    throw new SyncError('NETWORK_ERROR', message, { cause: new DOMException(message, 'TimeoutError') })
  }
  return await inTime(request, { ms, timers: clock, late, signal })
}
