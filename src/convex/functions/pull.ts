import { queryGeneric } from 'convex/server'
import type { GenericDataModel } from 'convex/server'
import { v } from 'convex/values'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { PULL_MAX_LIMIT, PULL_PAGE_BYTES } from '#or3-sync/shared/sync/limits'
import { PULL_MAX_ROWS } from '../convex-limits'
import { refuse } from '../refuse'
import { requireAccess } from '../require-access'
import { readPage } from '../store/read-page'
import type { SyncReader } from '../store/sync-data-model'
import type { SyncFunctionOptions } from '../sync-options'
import { wireChange } from './wire'

/**
 * One page of the feed, as `POST /pull` answers it, at most 500 rows or 2 MiB. It tells no time: Convex may answer from its cache.
 */
export function definePull<DataModel extends GenericDataModel, Tables extends Record<string, StandardSchemaV1>>(options: SyncFunctionOptions<DataModel, Tables>) {
  return queryGeneric({
    args: {
      workspaceId: v.string(),
      cursor: v.number(),
      limit: v.number(),
      tables: v.optional(v.array(v.string())),
      order: v.optional(v.union(v.literal('asc'), v.literal('desc'))),
      bootstrap: v.optional(v.boolean()),
      /** UTF-8 bytes of payloads after which the page ends. Default and most: 2 MiB. */
      maxBytes: v.optional(v.number()),
    },
    returns: v.object({
      changes: v.array(wireChange),
      nextCursor: v.number(),
      hasMore: v.boolean(),
      latestVersion: v.number(),
      requiresRescan: v.boolean(),
      epoch: v.string(),
    }),
    handler: async (ctx, { workspaceId, cursor, limit, tables, order = 'asc', bootstrap = order === 'desc', maxBytes = PULL_PAGE_BYTES }) => {
      await requireAccess(ctx, options, { workspaceId, access: 'read' })
      if (!Number.isSafeInteger(cursor) || cursor < 0) throw refuse('VALIDATION_ERROR', 'cursor: must be an integer from 0')
      if (!Number.isInteger(limit) || limit < 1 || limit > PULL_MAX_LIMIT) throw refuse('VALIDATION_ERROR', `limit: must be an integer from 1 to ${PULL_MAX_LIMIT}`)
      return await readPage(ctx.db as unknown as SyncReader, {
        workspaceId, cursor, tables, order, bootstrap, limit: Math.min(limit, PULL_MAX_ROWS), maxBytes: Math.min(maxBytes, PULL_PAGE_BYTES),
      })
    },
  })
}
