import { SyncError, toWireError } from '../../../shared/sync/protocol/errors'
import type { SyncProvider, SyncScope } from '../../../shared/sync/protocol/types'
import { providerParts } from '../transport/provider-parts'

export interface UserOptions {
  /** The user of this database. */
  userId: () => string
  /** A counter that rises whenever this user may have signed in again. */
  comebacks: () => number
}

/**
 * Wraps a provider so that each call names the user of this database. So an edit is never sent as somebody else who has signed in meanwhile.
 * The scope that hooks get stays without the user.
 *
 * `USER_CHANGED` stops the engine until this user comes back. If the user came back after the call was made, the answer is old: it becomes a
 * `NETWORK_ERROR`, so that the engine asks again. Otherwise it would stop after the wake-up, and nothing would wake it again.
 *
 * An error with one of the client's own codes becomes `UNKNOWN`: a provider cannot know what only this client knows of itself.
 */
export function nameUser(provider: SyncProvider, { userId, comebacks }: UserOptions): SyncProvider {
  const named = (scope: SyncScope): SyncScope => ({ ...scope, userId: userId() })
  const unlessOld = (thrown: unknown, before: number): SyncError => {
    const error = toWireError(thrown)
    return comebacks() !== before && error.code === 'USER_CHANGED'
      ? new SyncError('NETWORK_ERROR', 'another user was signed in when this was asked, and this user has come back since; asking again', { cause: thrown })
      : error
  }
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    const before = comebacks()
    try { return await call() }
    catch (error) { throw unlessOld(error, before) }
  }
  const { updateCursor } = provider
  return {
    ...providerParts(provider),
    push: (batch, options) => ask(() => provider.push({ ...batch, scope: named(batch.scope) }, options)),
    pull: request => ask(() => provider.pull({ ...request, scope: named(request.scope) })),
    subscribe: (scope, tables, onChanges, options) => {
      const before = comebacks()
      return ask(() => provider.subscribe(named(scope), tables, onChanges, options && {
        ...options,
        onStatus: (status, detail) => options.onStatus(status, detail?.error == null ? detail : { ...detail, error: unlessOld(detail.error, before) }),
      }))
    },
    ...(updateCursor ? { updateCursor: (scope, deviceId, version) => ask(() => updateCursor.call(provider, named(scope), deviceId, version)) } : {}),
  }
}
