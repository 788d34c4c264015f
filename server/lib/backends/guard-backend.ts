import { BackendUnavailableError } from '../errors/backend-unavailable-error'
import { FailedBatchError } from '../errors/failed-batch-error'
import { GatewayError } from '../errors/gateway-error'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { SyncBackend } from './backend'
import type { LastWrites } from './last-writes'

const OWN = [BackendUnavailableError, FailedBatchError, GatewayError, SyncError]

/**
 * Wraps a store so that it throws only what the gateway can answer. These errors pass unchanged: `BackendUnavailableError`,
 * `FailedBatchError`, `SyncError` (of a query), and `GatewayError`, by which a store that checks membership itself refuses a user. Any other becomes
 * `BackendUnavailableError`: clients are told to come back, and never see the store's own text.
 * `writes` is told whether pushes and writes were stored. `begin` is told of each call that may commit something. What it returns is called when the store has answered.
 */
export function guardBackend(backend: SyncBackend, writes: LastWrites, begin?: (workspaceId: string) => (() => void) | undefined): SyncBackend {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try { return await work() }
    catch (cause) { explain(cause) }
  }
  /** `isStored`: whether something was written. Repeats and losers change nothing. A full disk accepts them, so they do not show that writing works. */
  const writing = async <T>(workspaceId: string, work: () => Promise<T>, isStored: (outcome: T) => boolean): Promise<T> => {
    const end = begin?.(workspaceId)
    try {
      const outcome = await work()
      if (isStored(outcome)) writes.stored()
      return outcome
    }
    catch (cause) {
      // These two errors are about the batch. They do not show that the store cannot write.
      if (!(cause instanceof GatewayError || cause instanceof FailedBatchError)) writes.failed()
      explain(cause)
    }
    finally { end?.() }
  }
  return {
    id: backend.id,
    limits: backend.limits,
    isPersonal: backend.isPersonal,
    push: request => writing(request.workspaceId, () => backend.push(request), outcome => outcome.status === 'pushed' && outcome.applied > 0),
    pull: request => guarded(() => backend.pull(request)),
    write: request => writing(request.workspaceId, () => backend.write(request), outcome => outcome.ok && outcome.writes.length > 0),
    get: request => guarded(() => backend.get(request)),
    list: request => guarded(() => backend.list(request)),
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
