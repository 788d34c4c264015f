import { v } from 'convex/values'
import { renewEpoch } from '../store/deployment-epoch'
import { internalSyncMutation } from './builders'

/** Names a new incarnation of the store, to be called after an import: devices then compare everything and lose nothing. */
export function defineNewEpoch() {
  return internalSyncMutation({
    args: {},
    returns: v.string(),
    handler: ctx => renewEpoch(ctx.db),
  })
}
