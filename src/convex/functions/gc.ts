import { makeFunctionReference } from 'convex/server'
import { v } from 'convex/values'
import { CURSOR_EXPIRY_MS, RETENTION_MS } from '#or3-sync/shared/sync/protocol/limits'
import { collectGarbage } from '../store/collect-garbage'
import { internalSyncMutation } from './builders'

/**
 * Takes tombstones out of the feed that every live device has seen, or that are older than the retention, forgets silent devices, and
 * with `purgeBefore` also deletions that left the feed long ago.
 * One run takes on at most 200 documents, then schedules the next: call it from `crons.ts` without arguments.
 */
export function defineGc() {
  return internalSyncMutation({
    args: {
      /** Epoch milliseconds. Default: the time of the first run. */
      now: v.optional(v.number()),
      /** Default: 30 days. */
      retentionMs: v.optional(v.number()),
      /** Default: 7 days. */
      cursorExpiryMs: v.optional(v.number()),
      /** Epoch milliseconds: deletions written before are forgotten once they have left the feed. Default: none are. */
      purgeBefore: v.optional(v.number()),
      /** Workspaces up to this one are done. */
      after: v.optional(v.string()),
    },
    returns: v.object({
      workspaces: v.number(),
      tombstones: v.number(),
      devices: v.number(),
      purged: v.number(),
      /** False: the next run has been scheduled. */
      done: v.boolean(),
    }),
    handler: async (ctx, { now = Date.now(), retentionMs = RETENTION_MS, cursorExpiryMs = CURSOR_EXPIRY_MS, purgeBefore, after = '' }) => {
      const settings = { now, retentionMs, cursorExpiryMs, ...purgeBefore !== undefined && { purgeBefore } }
      const { counts, next } = await collectGarbage(ctx.db, { ...settings, after })
      if (next !== null) {
        const { name } = await ctx.meta.getFunctionMetadata()
        await ctx.scheduler.runAfter(0, makeFunctionReference<'mutation'>(name), { ...settings, after: next })
      }
      return { ...counts, done: next === null }
    },
  })
}
