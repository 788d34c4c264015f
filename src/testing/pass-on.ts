import type { SyncBackend } from 'or3-sync/server'

/** An object that passes every call on to a store. A wrapper spreads it and replaces the calls that it changes. */
export function passOn(backend: SyncBackend): SyncBackend {
  return {
    id: backend.id,
    limits: backend.limits,
    isPersonal: backend.isPersonal,
    push: request => backend.push(request),
    pull: request => backend.pull(request),
    write: request => backend.write(request),
    get: request => backend.get(request),
    list: request => backend.list(request),
    ...backend.find && { find: request => backend.find!(request) },
    ...backend.prepare && { prepare: request => backend.prepare!(request) },
    updateCursor: request => backend.updateCursor(request),
    latestVersion: workspaceId => backend.latestVersion(workspaceId),
    watch: (workspaceId, onChange) => backend.watch(workspaceId, onChange),
    gc: request => backend.gc(request),
    erase: workspaceId => backend.erase(workspaceId),
    newEpoch: () => backend.newEpoch(),
    health: () => backend.health(),
    close: () => backend.close(),
  }
}
