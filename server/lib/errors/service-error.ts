import type { WireErrorCode } from '#or3-sync/shared/sync/protocol/types'

/** What the service refuses, whoever asks and by whatever transport. The message goes to the client. */
export class ServiceError extends Error {
  override name = 'ServiceError'

  /** `OVERSIZED`: the same in smaller parts may pass. `VALIDATION_ERROR`: it never will. */
  constructor(readonly code: Extract<WireErrorCode, 'OVERSIZED' | 'VALIDATION_ERROR'>, message: string) {
    super(message)
  }
}
