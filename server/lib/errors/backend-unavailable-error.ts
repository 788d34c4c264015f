/** The store cannot be reached at the moment: the gateway answers 503 and the client tries again. */
export class BackendUnavailableError extends Error {
  override name = 'BackendUnavailableError'
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number

  constructor(message: string, options: { cause?: unknown, retryAfter?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.retryAfter = options.retryAfter ?? 1
  }
}
