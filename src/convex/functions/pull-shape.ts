import { v } from 'convex/values'
import { wireChange } from './wire'

/** What a page of the feed is asked for with. */
export const pullArgs = {
  workspaceId: v.string(),
  cursor: v.number(),
  limit: v.number(),
  tables: v.optional(v.array(v.string())),
  order: v.optional(v.union(v.literal('asc'), v.literal('desc'))),
  bootstrap: v.optional(v.boolean()),
  /** UTF-8 bytes of payloads after which the page ends. Default and most: 2 MiB. */
  maxBytes: v.optional(v.number()),
  /** The newest mark that the reader was told. */
  mark: v.optional(v.string()),
}

/** A page of the feed. */
export const pullReturns = v.object({
  changes: v.array(wireChange),
  nextCursor: v.number(),
  hasMore: v.boolean(),
  latestVersion: v.number(),
  requiresRescan: v.boolean(),
  /** With `requiresRescan`: this store does not know the reader's mark. */
  restored: v.optional(v.literal(true)),
  epoch: v.string(),
  /** Names the commit of `latestVersion`. */
  mark: v.optional(v.string()),
})
