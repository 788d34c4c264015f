import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncBackend } from '../backends/backend'
import type { AppliedRows } from '../changes/applied-rows'
import type { GatewayMetrics } from '../observe/gateway-metrics'

/** What the service works with. Each of its functions takes the parts that it needs. */
export interface ServiceParts {
  schema: SyncSchema
  backend: Pick<SyncBackend, 'limits' | 'push' | 'pull' | 'find' | 'updateCursor' | 'write' | 'get' | 'list'>
  /** Epoch milliseconds. */
  now: () => number
  /** Deletions written before this may be forgotten, in epoch milliseconds; undefined: none are. */
  purgeBefore: () => number | undefined
  /** Told of each batch before the store takes it. Absent: there are no streams. */
  feeds?: { willPush: (workspaceId: string, userId: string, items: readonly PushItem[]) => void }
  /** Asked for a turn between two pieces of work for a user. Absent: nobody else waits. */
  turns?: { pause: (userId: string) => Promise<void> }
  /** Absent: nothing is counted. */
  metrics?: Pick<GatewayMetrics, 'pushed'>
  /**
   * Is told of each commit that changed rows, right after it. Returns at once and never throws. Absent: nobody wants to know.
   *
   * @returns resolves when all have been told; undefined: nobody is to be told
   */
  onApplied?: (applied: AppliedRows) => Promise<void> | undefined
}
