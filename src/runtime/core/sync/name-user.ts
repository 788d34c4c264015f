import type { SyncProvider, SyncScope } from '../../shared/sync/types'

/**
 * The same provider, told in every call whose database asks, so that it never acts as somebody who has signed in since. To hooks a scope
 * stays what it is.
 */
export function nameUser(provider: SyncProvider, userId: () => string): SyncProvider {
  const named = (scope: SyncScope): SyncScope => ({ ...scope, userId: userId() })
  const { id, mode, maxOps, updateCursor, schemaVersion } = provider
  return {
    id, mode,
    ...(maxOps === undefined ? {} : { maxOps }),
    push: (batch, options) => provider.push({ ...batch, scope: named(batch.scope) }, options),
    pull: request => provider.pull({ ...request, scope: named(request.scope) }),
    subscribe: (scope, ...rest) => provider.subscribe(named(scope), ...rest),
    ...(schemaVersion ? { schemaVersion: () => schemaVersion.call(provider) } : {}),
    ...(updateCursor ? { updateCursor: (scope, deviceId, version) => updateCursor.call(provider, named(scope), deviceId, version) } : {}),
  }
}
