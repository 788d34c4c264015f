import type { WireErrorCode } from '#or3-sync/shared/sync/protocol/types'

/** What the service functions refuse, whatever the transport. The message goes to the client. */
export class ServiceError extends Error {
  override name = 'ServiceError'

  /** `OVERSIZED`: smaller batches may pass. `VALIDATION_ERROR`: the same request never will. */
  constructor(readonly code: Extract<WireErrorCode, 'OVERSIZED' | 'VALIDATION_ERROR'>, message: string) {
    super(message)
  }
}
