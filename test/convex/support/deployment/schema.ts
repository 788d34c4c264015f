import { defineSchema, defineTable } from 'convex/server'
import { v } from 'convex/values'
import { syncTables } from 'or3-sync/convex'

/** The app has roles of its own beside ours. */
const memberRole = v.union(v.literal('owner'), v.literal('editor'), v.literal('viewer'), v.literal('banned'), v.literal('invited'))

/** Who may do what is a table of the app's own; `tasks` is one that follows the synced `todos`, and takes short titles only. */
export default defineSchema({
  ...syncTables,
  members: defineTable({ workspace_id: v.string(), user_id: v.string(), role: memberRole })
    .index('by_member', ['workspace_id', 'user_id']),
  tasks: defineTable({
    workspace_id: v.string(),
    id: v.string(),
    title: v.union(v.literal('short'), v.literal('shorter')),
    dueAt: v.optional(v.number()),
    size: v.optional(v.int64()),
    picture: v.optional(v.bytes()),
  }).index('by_record', ['workspace_id', 'id']),
  labels: defineTable({ workspace_id: v.string(), id: v.string(), name: v.string(), color: v.string() }).index('by_record', ['workspace_id', 'id']),
})
