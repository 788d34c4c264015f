import { BackendUnavailableError } from '../errors/backend-unavailable-error'
import { FailedBatchError } from '../errors/failed-batch-error'
import { GatewayError } from '../errors/gateway-error'
import type { BackendPush, BackendPushOutcome, SyncBackend } from './backend'
import type { LastWrites } from './last-writes'

const OWN = [BackendUnavailableError, FailedBatchError, GatewayError]

/**
 * Wraps a store so that it throws only what the gateway can answer. These errors pass unchanged: `BackendUnavailableError`,
 * `FailedBatchError`, and `GatewayError`, by which a store that checks membership itself refuses a user. Any other becomes
 * `BackendUnavailableError`: clients are told to come back, and never see the store's own text.
 * `writes` is told whether pushes were stored. `begin` is told of each call that may commit something. What it returns is called when the store has answered.
 */
export function guardBackend(backend: SyncBackend, writes: LastWrites, begin?: (workspaceId: string) => (() => void) | undefined): SyncBackend {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try { return await work() }
    catch (cause) { explain(cause) }
  }
  const push = async (request: BackendPush): Promise<BackendPushOutcome> => {
    const end = begin?.(request.workspaceId)
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
    finally { end?.() }
  }
  return {
    id: backend.id,
    limits: backend.limits,
    isPersonal: backend.isPersonal,
    push,
    pull: request => guarded(() => backend.pull(request)),
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
