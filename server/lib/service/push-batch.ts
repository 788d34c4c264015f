import type { Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { PushLimits } from '#or3-sync/shared/sync/protocol/types'
import type { BackendReader } from '../backends/backend'
import { ServiceError } from '../errors/service-error'
import { appliedRows } from '../changes/applied-rows'
import { countOutcomes } from '../observe/count-outcomes'
import { pushLimits } from './push-limits'
import type { ServiceParts } from './service-parts'

/** The user is a member who may write there. The caller has checked that. */
export interface PushRequest extends BackendReader {
  workspaceId: string
  /** In the client's order, each checked by `readOp`. An empty list asks whether the store takes pushes. */
  items: readonly PushItem[]
  /** Bytes of the request that brought them, unpacked. Absent: not known, and not checked. */
  bytes?: number
  /** The newest mark that the writer was told. */
  mark?: string
}

export interface PushedBatch {
  /** One for each item, in their order. */
  results: FoldedResult[]
  serverVersion: number
  /** How many ops were applied; repeats are not counted. */
  applied: number
  /** The mark of the commit that made `serverVersion`. Absent: nothing was committed yet, or the store has no marks. */
  mark: string | undefined
  /** True: the store did not know the writer's mark when the batch came, so it was restored from a backup. */
  restored: boolean
  /** Resolves when the app's listeners have been told of what was applied. Absent: none is to be told. */
  told: Promise<void> | undefined
}

/**
 * Stores a batch in one transaction of the store, and answers what became of each op. So a transaction of the app that was sent as one batch
 * is never stored in part. An empty list is pushed too: it asks whether the store takes pushes.
 *
 * @throws ServiceError `OVERSIZED` when fewer ops would pass; the errors of `SyncBackend.push`
 */
export async function pushBatch(parts: Omit<ServiceParts, 'schema'>, { bytes = 0, ...request }: PushRequest): Promise<PushedBatch> {
  const limits = pushLimits(parts.backend)
  checkSize(limits, request.items.length, bytes)
  parts.feeds?.willPush(request.workspaceId, request.userId, request.items)
  const pushed = await parts.backend.push({ ...request, now: parts.now(), purgedBefore: parts.purgeBefore() })
  if (pushed.status === 'too-large') {
    throw new ServiceError('OVERSIZED', pushed.reason ?? `the edits that a push replaces have at most ${limits.replacedBytes} bytes, so that they fit into one reply; send fewer ops`)
  }
  parts.metrics?.pushed(countOutcomes(pushed.results))
  const { results, serverVersion, applied, mark, restored = false, previous = [] } = pushed
  const told = applied > 0 ? tellApplied(parts, request, results, previous) : undefined
  return { results, serverVersion, applied, mark, restored, told }
}

function tellApplied({ onApplied }: Pick<ServiceParts, 'onApplied'>, { workspaceId, userId, items }: PushRequest, results: readonly FoldedResult[], previous: readonly (Revision | null)[]): Promise<void> | undefined {
  if (!onApplied) return undefined
  const rows = appliedRows(items, results)
  return onApplied({ workspaceId, userId, rows, previous: rows.map((_, index) => previous[index] ?? null) })
}

/** @throws ServiceError `OVERSIZED`. The bytes of a single op are left to the store, because it could not be sent in smaller parts. */
function checkSize(limits: PushLimits, ops: number, bytes: number): void {
  if (ops > limits.ops) throw new ServiceError('OVERSIZED', `a push to this store has at most ${limits.ops} ops, this one has ${ops}`)
  if (ops > 1 && bytes > limits.bytes) throw new ServiceError('OVERSIZED', `a push to this store has at most ${limits.bytes} bytes, this one has ${bytes}; send fewer ops`)
}
