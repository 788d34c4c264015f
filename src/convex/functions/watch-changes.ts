import type { GenericDataModel } from 'convex/server'
import { v } from 'convex/values'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { requireAccess } from '../require-access'
import { isService } from '../service-identity'
import { readEpoch } from '../store/deployment-epoch'
import { findCounter } from '../store/find-counter'
import type { SyncFunctionOptions } from '../sync-options'
import { syncQuery } from './builders'
import { namedUser } from './wire'

/**
 * To be subscribed to: the version of the workspace's latest change and the store's epoch, and nothing else, or every
 * commit would send the changes again to everyone. Who sees it move pulls. The gateway's own identity may ask for any workspace.
 */
export function defineWatchChanges<DataModel extends GenericDataModel, Tables extends Record<string, StandardSchemaV1>>(options: SyncFunctionOptions<DataModel, Tables>) {
  return syncQuery({
    args: { workspaceId: v.string(), userId: namedUser },
    returns: v.object({ latestVersion: v.number(), epoch: v.string() }),
    handler: async (ctx, { workspaceId, userId }) => {
      if (!await isService(ctx)) await requireAccess(ctx, options, { workspaceId, userId, access: 'read' })
      const [counter, epoch] = await Promise.all([
        findCounter(ctx.db, workspaceId),
        readEpoch(ctx.db),
      ])
      return { latestVersion: counter?.value ?? 0, epoch }
    },
  })
}
