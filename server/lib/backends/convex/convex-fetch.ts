import { REQUEST_TIMEOUT_MS } from '#or3-sync/shared/sync/protocol/limits'

/** A reply of the deployment that is no answer of a function, by its HTTP status; 0: there was none. */
export class ConvexHttpError extends Error {
  override name = 'ConvexHttpError'

  constructor(readonly status: number, options: { cause?: unknown, retryAfter?: number } = {}) {
    super(status === 0 ? 'the Convex deployment cannot be reached' : `the Convex deployment answered ${status}`, options)
    this.retryAfter = options.retryAfter
  }

  /** Seconds. */
  readonly retryAfter?: number

  /** Too many conflicts, overloaded, restarting, unreachable. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** With this status a function's own error arrives. */
const FUNCTION_FAILED = 560

/**
 * `fetch` for `ConvexHttpClient`, which makes every failed request an Error of its text: here it keeps its status.
 *
 * @throws ConvexHttpError
 */
export const convexFetch: typeof fetch = async (input, init) => {
  let response: Response
  try { response = await fetch(input, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }) }
  catch (cause) { throw new ConvexHttpError(0, { cause }) }
  if (response.ok || response.status === FUNCTION_FAILED) return response
  const retryAfter = Number(response.headers.get('retry-after'))
  throw new ConvexHttpError(response.status, Number.isFinite(retryAfter) && retryAfter > 0 ? { retryAfter } : {})
}
