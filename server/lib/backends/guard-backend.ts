import { BackendUnavailableError } from '../errors/backend-unavailable-error'
import { FailedBatchError } from '../errors/failed-batch-error'
import { GatewayError } from '../errors/gateway-error'
import type { BackendPush, BackendPushOutcome, SyncBackend } from './backend'
import type { LastWrites } from './last-writes'

const OWN = [BackendUnavailableError, FailedBatchError, GatewayError]

/**
 * Whatever a store throws means that it is away for now: clients are told to come back, and nothing of the store's own words.
 * Except for a refusal in the gateway's own terms, of a store that checks who is asking, and for a batch that the store fails over.
 * `writes` is told what becomes of pushes.
 */
export function guardBackend(backend: SyncBackend, writes: LastWrites): SyncBackend {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try { return await work() }
    catch (cause) { explain(cause) }
  }
  const push = async (request: BackendPush): Promise<BackendPushOutcome> => {
    try {
      const outcome = await backend.push(request)
      // Repeats and losers change nothing, and a full store takes them.
      if (outcome.status === 'pushed' && outcome.applied > 0) writes.stored()
      return outcome
    }
    catch (cause) {
      // The other two are about the batch.
      if (!(cause instanceof GatewayError || cause instanceof FailedBatchError)) writes.failed()
      explain(cause)
    }
  }
  return {
    id: backend.id,
    ...(backend.maxOps === undefined ? {} : { maxOps: backend.maxOps }),
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

/** A store says of itself that it is away, or it breaks. @throws what the gateway answers */
function explain(cause: unknown): never {
  throw OWN.some(kind => cause instanceof kind) ? cause : new BackendUnavailableError('the store failed', { cause })
}
