import { makeFunctionReference } from 'convex/server'
import type { GenericDataModel } from 'convex/server'
import { v } from 'convex/values'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { eraseWorkspace } from '../store/erase-workspace'
import type { SyncFunctionOptions } from '../sync-options'
import { internalSyncMutation } from './builders'

/**
 * Removes everything a workspace holds, for good, rows of tables that follow included. One run takes on at most 100 records and devices,
 * then schedules the next. Take the members away first: whoever may still write can write while it runs.
 */
export function defineErase<DataModel extends GenericDataModel, Tables extends Record<string, StandardSchemaV1>>({ schema, materialize: targets }: SyncFunctionOptions<DataModel, Tables>) {
  return internalSyncMutation({
    args: {
      workspaceId: v.string(),
      /** Only one run: the caller asks again until it is done, and counts. */
      once: v.optional(v.boolean()),
    },
    returns: v.object({
      /** Records removed, deleted ones included. */
      records: v.number(),
      devices: v.number(),
      /** False: there is more. */
      done: v.boolean(),
    }),
    handler: async (ctx, { workspaceId, once = false }) => {
      const run = await eraseWorkspace(ctx.db, { schema, targets, workspaceId })
      if (!run.done && !once) {
        const { name } = await ctx.meta.getFunctionMetadata()
        await ctx.scheduler.runAfter(0, makeFunctionReference<'mutation'>(name), { workspaceId })
      }
      return run
    },
  })
}
