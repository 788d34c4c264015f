import { ANSWER_MS } from '../../../shared/sync/protocol/limits'
import { SyncError } from '../../../shared/sync/protocol/errors'
import { inTime } from '../../../shared/sync/waiting/in-time'
import type { SyncClock } from './environment'

export interface UntilAnsweredOptions {
  clock: SyncClock
  /** The name of the request in the error, such as `push`. */
  what: string
  /** Once it aborts, nobody waits for the answer any more. */
  signal?: AbortSignal
  /** Milliseconds. Default: 60,000. */
  ms?: number
}

/**
 * Settles like `request`, if it answers in time. A later answer is ignored.
 *
 * @throws SyncError `NETWORK_ERROR` if there is no answer in time; the request's own error; the signal's reason.
 */
export async function untilAnswered<T>(request: Promise<T>, { clock, what, signal, ms = ANSWER_MS }: UntilAnsweredOptions): Promise<T> {
  const late = (): never => {
    const message = `the provider's ${what} has not answered within ${ms / 1_000} s`
    throw new SyncError('NETWORK_ERROR', message, { cause: new DOMException(message, 'TimeoutError') })
  }
  return await inTime(request, { ms, timers: clock, late, signal })
}
