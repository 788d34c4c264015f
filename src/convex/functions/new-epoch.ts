import { internalMutationGeneric } from 'convex/server'
import { v } from 'convex/values'
import { renewEpoch } from '../store/deployment-epoch'
import type { SyncWriter } from '../store/sync-data-model'

/** Names a new incarnation of the store, to be called after an import: devices then compare everything and lose nothing. */
export function defineNewEpoch() {
  return internalMutationGeneric({
    args: {},
    returns: v.string(),
    handler: ctx => renewEpoch(ctx.db as unknown as SyncWriter),
  })
}
