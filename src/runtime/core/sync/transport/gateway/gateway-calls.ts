import type { PullRequest, PullResponse, PushBatch, PushOptions, PushResult, SessionResponse, SyncScope } from '../../../../shared/sync/protocol/types'

/** What the gateway is asked, whatever carries the question. Each fails with a SyncError where there is no answer in time. */
export interface GatewayCalls {
  push: (batch: PushBatch, options?: PushOptions) => Promise<PushResult>
  pull: (request: PullRequest) => Promise<PullResponse>
  moveCursor: (scope: SyncScope, deviceId: string, version: number) => Promise<void>
  session: () => Promise<SessionResponse>
}
