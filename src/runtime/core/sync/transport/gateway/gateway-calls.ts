import type { PullRequest, PullResponse, PushBatch, PushOptions, PushResult, SessionResponse, SyncScope } from '../../../../shared/sync/protocol/types'

/** The calls to the gateway, independent of how they travel. Each rejects with a `SyncError` if there is no answer in time. */
export interface GatewayCalls {
  push: (batch: PushBatch, options?: PushOptions) => Promise<PushResult>
  pull: (request: PullRequest) => Promise<PullResponse>
  moveCursor: (scope: SyncScope, deviceId: string, version: number) => Promise<void>
  session: () => Promise<SessionResponse>
}
