import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import type { SyncProvider, SyncScope } from '../../../shared/sync/protocol/types'

export interface UserOptions {
  /** Whose database asks. */
  userId: () => string
  /** Rises whenever there is reason to think that this user is signed in again. */
  comebacks: () => number
}

/**
 * The same provider, told in every call whose database asks, so that it never acts as somebody who has signed in since. To hooks a scope
 * stays what it is.
 *
 * That somebody else is signed in is believed only where this user has not come back since the call was made: nobody would wake the
 * engine a second time. Such an answer becomes a `NETWORK_ERROR`: ask again.
 */
export function nameUser(provider: SyncProvider, { userId, comebacks }: UserOptions): SyncProvider {
  const named = (scope: SyncScope): SyncScope => ({ ...scope, userId: userId() })
  const asOfNow = (error: unknown, before: number) => comebacks() !== before && toSyncError(error).code === 'USER_CHANGED'
    ? new SyncError('NETWORK_ERROR', 'the answer tells who was signed in before this page was woken; asking again', { cause: error })
    : error
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    const before = comebacks()
    try { return await call() }
    catch (error) { throw asOfNow(error, before) }
  }
  const { id, mode, maxOps, updateCursor, schemaVersion } = provider
  return {
    id, mode,
    ...(maxOps === undefined ? {} : { maxOps }),
    push: (batch, options) => ask(() => provider.push({ ...batch, scope: named(batch.scope) }, options)),
    pull: request => ask(() => provider.pull({ ...request, scope: named(request.scope) })),
    subscribe: (scope, tables, onChanges, options) => {
      const before = comebacks()
      return ask(() => provider.subscribe(named(scope), tables, onChanges, options && {
        ...options,
        onStatus: (status, detail) => options.onStatus(status, detail?.error === undefined ? detail : { ...detail, error: asOfNow(detail.error, before) }),
      }))
    },
    ...(schemaVersion ? { schemaVersion: () => schemaVersion.call(provider) } : {}),
    ...(updateCursor ? { updateCursor: (scope, deviceId, version) => ask(() => updateCursor.call(provider, named(scope), deviceId, version)) } : {}),
  }
}
