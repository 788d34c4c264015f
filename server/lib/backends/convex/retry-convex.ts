import { BackendUnavailableError } from '../../errors/backend-unavailable-error'
import { ConvexHttpError } from './convex-fetch'

export interface RetryEnvironment {
  /** Resolves after so many milliseconds. */
  wait: (ms: number) => Promise<void>
  /** From 0 to below 1. */
  random: () => number
}

/** Milliseconds before the second and the third try. By then Convex has retried a conflict four times by itself. */
const DELAYS = [100, 300]

/**
 * Tries again while the deployment is busy or unreachable. Repeating a push is safe: each op is applied once.
 *
 * @throws BackendUnavailableError when the last try fails too
 */
export async function retryConvex<T>(work: () => Promise<T>, { wait, random }: RetryEnvironment): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try { return await work() }
    catch (error) {
      if (!(error instanceof ConvexHttpError) || !error.isTransient) throw error
      const delay = DELAYS[attempt]
      if (delay === undefined) throw new BackendUnavailableError(error.message, { cause: error, retryAfter: error.retryAfter })
      await wait(delay * (0.5 + random()))
    }
  }
}
