import { BackendUnavailableError } from '../errors/backend-unavailable-error'
import { FailedBatchError } from '../errors/failed-batch-error'
import { GatewayError } from '../errors/gateway-error'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { BackendPush, BackendPushOutcome, SyncBackend } from './backend'
import type { LastWrites } from './last-writes'

const OWN = [BackendUnavailableError, FailedBatchError, GatewayError, SyncError]

/**
 * Wraps a store so that it throws only what the gateway can answer. These errors pass unchanged: `BackendUnavailableError`,
 * `FailedBatchError`, `SyncError` (of a query), and `GatewayError`, by which a store that checks membership itself refuses a user. Any other becomes
 * `BackendUnavailableError`: clients are told to come back, and never see the store's own text.
 * `writes` is told whether pushes were stored.
 */
export function guardBackend(backend: SyncBackend, writes: LastWrites): SyncBackend {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try { return await work() }
    catch (cause) { explain(cause) }
  }
  const push = async (request: BackendPush): Promise<BackendPushOutcome> => {
    try {
      const outcome = await backend.push(request)
      // Repeats and losers change nothing. A full disk accepts them, so they do not show that writing works.
      if (outcome.status === 'pushed' && outcome.applied > 0) writes.stored()
      return outcome
    }
    catch (cause) {
      // These two errors are about the batch. They do not show that the store cannot write.
      if (!(cause instanceof GatewayError || cause instanceof FailedBatchError)) writes.failed()
      explain(cause)
    }
  }
  return {
    id: backend.id,
    limits: backend.limits,
    isPersonal: backend.isPersonal,
    push,
    pull: request => guarded(() => backend.pull(request)),
    // Absent methods stay absent: the gateway then does without.
    ...backend.find && { find: request => guarded(() => backend.find!(request)) },
    ...backend.prepare && { prepare: request => guarded(() => backend.prepare!(request)) },
    updateCursor: request => guarded(() => backend.updateCursor(request)),
    latestVersion: workspaceId => guarded(() => backend.latestVersion(workspaceId)),
    watch: (workspaceId, onChange) => backend.watch(workspaceId, onChange),
    gc: request => guarded(() => backend.gc(request)),
    erase: workspaceId => guarded(() => backend.erase(workspaceId)),
    newEpoch: () => guarded(() => backend.newEpoch()),
    health: () => guarded(() => backend.health()),
    close: () => backend.close(),
  }
}

/** Passes on the gateway's own errors and wraps all others. @throws what the gateway answers */
function explain(cause: unknown): never {
  throw OWN.some(kind => cause instanceof kind) ? cause : new BackendUnavailableError('the store failed', { cause })
}
