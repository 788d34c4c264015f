import { BackendUnavailableError } from '../errors/backend-unavailable-error'
import type { SyncBackend } from './backend'
import { FailedBatchError } from '../errors/failed-batch-error'
import { GatewayError } from '../errors/gateway-error'

const OWN = [BackendUnavailableError, FailedBatchError, GatewayError]

/**
 * Whatever a store throws means that it is away for now: clients are told to come back, and nothing of the store's own words.
 * Except for a refusal in the gateway's own terms, of a store that checks who is asking, and for a batch that the store fails over.
 */
export function guardBackend(backend: SyncBackend): SyncBackend {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try { return await work() }
    catch (cause) { throw OWN.some(kind => cause instanceof kind) ? cause : new BackendUnavailableError('the store failed', { cause }) }
  }
  return {
    id: backend.id,
    ...(backend.maxOps === undefined ? {} : { maxOps: backend.maxOps }),
    push: request => guarded(() => backend.push(request)),
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
