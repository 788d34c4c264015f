import type { GenericDataModel } from 'convex/server'
import { v } from 'convex/values'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { areCommitMarks } from '#or3-sync/shared/sync/protocol/commit-marks'
import { pushBatch } from '../store/push-batch'
import { refuse } from '../refuse'
import { requireAccess } from '../require-access'
import type { SyncFunctionOptions } from '../sync-options'
import { syncMutation } from './builders'
import { readWireOp } from './read-wire-op'
import { toWireResult } from './to-wire-result'
import { namedUser, wireLook, wireOp, wireResult } from './wire'

/**
 * Takes a batch, at most `CONVEX_LIMITS`, and says of every op what became of it, in their order.
 *
 * @throws ConvexError `OVERSIZED` when fewer ops would pass; then nothing was written.
 */
export function definePush<DataModel extends GenericDataModel, Tables extends Record<string, StandardSchemaV1>>(options: SyncFunctionOptions<DataModel, Tables>) {
  return syncMutation({
    args: {
      workspaceId: v.string(),
      userId: namedUser,
      ops: v.array(v.union(wireOp, wireLook)),
      /** Epoch milliseconds: deletions before may have been purged. The store notes by itself what its own collector purged; the later time counts. */
      purgedBefore: v.optional(v.number()),
      /** The newest mark that the writer was told. */
      mark: v.optional(v.string()),
    },
    returns: v.object({ results: v.array(wireResult), serverVersion: v.number(), applied: v.number(), serverTime: v.number(), mark: v.optional(v.string()), restored: v.optional(v.boolean()) }),
    handler: async (ctx, { workspaceId, userId: named, ops, purgedBefore, mark }) => {
      const { userId } = await requireAccess(ctx, options, { workspaceId, userId: named, access: 'write' })
      // Every comparison with NaN is false, so it would switch off the check that purged deletions need.
      if (purgedBefore !== undefined && !Number.isFinite(purgedBefore)) throw refuse('VALIDATION_ERROR', 'purgedBefore: must be a time in epoch milliseconds')
      const now = Date.now()
      const pushed = await pushBatch(ctx.db, options, {
        workspaceId, userId, items: ops.map(op => readWireOp(op, options.schema)), now, purgedBefore, mark: areCommitMarks(mark) ? mark : undefined,
      })
      return { results: pushed.results.map(result => toWireResult(result, pushed.previous)), serverVersion: pushed.serverVersion, applied: pushed.applied, serverTime: now, ...pushed.mark !== undefined && { mark: pushed.mark }, ...pushed.restored && { restored: true } }
    },
  })
}
