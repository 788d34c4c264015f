import { REQUEST_TIMEOUT_MS } from '#or3-sync/shared/sync/protocol/limits'

/** A request to the deployment that no function answered. `status` is the HTTP status; 0: there was no reply. */
export class ConvexHttpError extends Error {
  override name = 'ConvexHttpError'

  constructor(readonly status: number, options: { cause?: unknown, retryAfter?: number } = {}) {
    super(status === 0 ? 'the Convex deployment cannot be reached' : `the Convex deployment answered ${status}`, options)
    this.retryAfter = options.retryAfter
  }

  /** Seconds. */
  readonly retryAfter?: number

  /** Too many conflicts, overloaded, restarting or unreachable: trying again makes sense. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** The status with which Convex reports an error that the function itself threw. */
const FUNCTION_FAILED = 560

/**
 * `fetch` for `ConvexHttpClient`. By itself, the client turns a failed request into an Error that has only a text. This one keeps the status.
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
