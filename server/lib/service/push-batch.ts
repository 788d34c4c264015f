import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-push'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { BackendReader } from '../backends/backend'
import { ServiceError } from '../errors/service-error'
import { countOutcomes } from '../observe/count-outcomes'
import type { ServiceParts } from './service-parts'

/** The user is a member who may write there. The caller has checked that. */
export interface PushRequest extends BackendReader {
  workspaceId: string
  /** In the client's order, each checked by `readOp`. An empty list asks whether the store takes pushes. */
  items: readonly PushItem[]
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
}

/**
 * Stores a batch and answers what became of each op.
 *
 * @throws ServiceError `OVERSIZED` when fewer ops would pass; the errors of `SyncBackend.push`
 */
export async function pushBatch(parts: Omit<ServiceParts, 'schema'>, request: PushRequest): Promise<PushedBatch> {
  parts.feeds?.willPush(request.workspaceId, request.userId, request.items)
  const pushed = await pushInParts(parts, request)
  parts.metrics?.pushed(countOutcomes(pushed.results))
  return pushed
}

/**
 * Pushes in one transaction if the store can take it, otherwise in several. If a later part fails, the earlier parts stay: pushing them again
 * is harmless. An empty list is pushed too: it asks whether the store takes pushes.
 */
async function pushInParts({ backend, now, purgeBefore }: Pick<ServiceParts, 'backend' | 'now' | 'purgeBefore'>, { items, mark: known, ...asked }: PushRequest): Promise<PushedBatch> {
  const size = backend.maxOps ?? items.length
  const results: FoldedResult[] = []
  let serverVersion: number
  let applied = 0
  let mark: string | undefined
  let restored = false
  let start = 0
  do {
    const outcome = await backend.push({ ...asked, items: items.slice(start, start + size), now: now(), continues: start > 0, purgedBefore: purgeBefore(), mark: start > 0 ? undefined : known })
    if (outcome.status === 'too-large') throw new ServiceError('OVERSIZED', 'the edits this batch replaces are too large for one reply; send fewer ops')
    results.push(...outcome.results)
    serverVersion = outcome.serverVersion
    mark = outcome.mark
    restored ||= outcome.restored === true
    applied += outcome.applied
    start += size
  } while (start < items.length)
  return { results, serverVersion, applied, mark, restored }
}
