import { PUSH_MAX_BYTES, PUSH_MAX_OPS, REQUEST_MAX_BYTES, REQUEST_MAX_OPS } from '../../../shared/sync/protocol/limits'
import type { PushLimits, SyncProvider } from '../../../shared/sync/protocol/types'
import type { BatchLimits } from './batch-packer'

export interface BatchLimitsInput {
  provider: Pick<SyncProvider, 'maxOps' | 'batchOps'>
  /** What the store has told of its limits. */
  told: PushLimits | undefined
  /** How many ops a batch may have at the moment. */
  maxOps: number
}

/** How large the next batch may be. */
export function batchLimits({ provider, told, maxOps }: BatchLimitsInput): BatchLimits {
  const most = Math.min(REQUEST_MAX_OPS, atLeastOne(provider.maxOps ?? REQUEST_MAX_OPS), atLeastOne(told?.ops ?? REQUEST_MAX_OPS))
  return {
    target: { ops: Math.min(maxOps, PUSH_MAX_OPS, atLeastOne(provider.batchOps ?? PUSH_MAX_OPS), most), bytes: PUSH_MAX_BYTES },
    most: { ops: most, bytes: Math.min(REQUEST_MAX_BYTES, atLeastOne(told?.bytes ?? REQUEST_MAX_BYTES)) },
  }
}

function atLeastOne(limit: number): number {
  return Math.max(1, Math.floor(limit) || 1)
}

/** Whether what a provider has told of its limits can be used. */
export function arePushLimits(told: PushLimits | undefined): told is PushLimits {
  return [told?.ops, told?.bytes].every(limit => typeof limit === 'number' && limit >= 1)
}
