import type { SyncProvider } from '../../../shared/sync/protocol/types'

/** The optional parts of a provider that need no scope, for a wrapper to take over as they are. */
export function providerParts(provider: SyncProvider): Pick<SyncProvider, 'id' | 'mode' | 'maxOps' | 'batchOps' | 'schemaVersion' | 'pushLimits'> {
  const { id, mode, maxOps, batchOps, schemaVersion, pushLimits } = provider
  return {
    id, mode,
    ...(maxOps === undefined ? {} : { maxOps }),
    ...(batchOps === undefined ? {} : { batchOps }),
    ...(schemaVersion ? { schemaVersion: () => schemaVersion.call(provider) } : {}),
    ...(pushLimits ? { pushLimits: () => pushLimits.call(provider) } : {}),
  }
}
