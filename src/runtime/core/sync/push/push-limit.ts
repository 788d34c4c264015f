import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import type { SyncProvider } from '../../../shared/sync/protocol/types'

/** How many ops a push to this provider may carry: at least 1, at most 500. */
export function pushLimit({ maxOps = PUSH_MAX_OPS }: Pick<SyncProvider, 'maxOps'>): number {
  return Math.min(PUSH_MAX_OPS, Math.max(1, Math.floor(maxOps) || 1))
}
