import type { GenericDataModel } from 'convex/server'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { requireAccess } from '../require-access'
import type { SyncFunctionOptions } from '../sync-options'
import { syncQuery } from './builders'
import { answerPull } from './answer-pull'
import { pullArgs, pullReturns } from './pull-shape'
import { namedUser } from './wire'

/**
 * One page of the feed, as `POST /pull` answers it, at most 500 rows or 2 MiB. It tells no time: Convex may answer from its cache.
 */
export function definePull<DataModel extends GenericDataModel, Tables extends Record<string, StandardSchemaV1>>(options: SyncFunctionOptions<DataModel, Tables>) {
  return syncQuery({
    args: { ...pullArgs, userId: namedUser },
    returns: pullReturns,
    handler: async (ctx, { userId, ...args }) => {
      await requireAccess(ctx, options, { workspaceId: args.workspaceId, userId, access: 'read' })
      return await answerPull(ctx.db, args)
    },
  })
}
