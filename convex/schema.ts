import { defineSchema, defineTable } from 'convex/server'
import { v } from 'convex/values'
import { syncTables } from 'or3-sync/convex'

export default defineSchema({
  ...syncTables,
  /** The app's own: who may do what where. A personal workspace, of the user's own id, needs no entry. */
  sync_members: defineTable({
    workspace_id: v.string(),
    user_id: v.string(),
    role: v.union(v.literal('owner'), v.literal('editor'), v.literal('viewer')),
  }).index('by_member', ['workspace_id', 'user_id']),
})
