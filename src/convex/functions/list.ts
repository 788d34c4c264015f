import { v } from 'convex/values'
import { PULL_MAX_ROWS } from '../convex-limits'
import { listDocs } from '../store/list-rows'
import { readRow } from '../store/write-rows'
import { internalSyncQuery } from './builders'
import { toWireChange } from './to-wire-change'
import { wireChange } from './wire'

/** Records of one table in the order of their keys, for whoever holds the deployment's key. */
export function defineList() {
  return internalSyncQuery({
    args: {
      workspaceId: v.string(),
      tableName: v.string(),
      /** Only keys that begin with it. */
      prefix: v.optional(v.string()),
      /** Only keys after this one, in the order asked for. */
      after: v.optional(v.string()),
      limit: v.number(),
      order: v.union(v.literal('asc'), v.literal('desc')),
      maxBytes: v.number(),
    },
    returns: v.object({
      rows: v.array(wireChange),
      /** Null: there is no more. Else `after` of the next call. There may be more although `rows` is short, or empty: deleted records are passed over. */
      next: v.union(v.string(), v.null()),
      /** The workspace's version. Lists with the same version show the same moment. */
      version: v.number(),
    }),
    handler: async (ctx, request) => {
      const { docs, next, version } = await listDocs(ctx.db, { ...request, limit: Math.min(request.limit, PULL_MAX_ROWS) })
      const rows = await Promise.all(docs.map(async doc => toWireChange(await readRow(ctx.db, doc))))
      return { rows, next, version }
    },
  })
}
