import { internalMutationGeneric } from 'convex/server'
import type { DataModelFromSchemaDefinition, GenericMutationCtx } from 'convex/server'
import { v } from 'convex/values'
import type deployment from './schema'

/** Makes someone a member, changes the role, or, with null, ends it. Internal: the app's server calls it with the deployment's key. */
export const set = internalMutationGeneric({
  args: {
    workspaceId: v.string(),
    userId: v.string(),
    role: v.union(v.literal('owner'), v.literal('editor'), v.literal('viewer'), v.null()),
  },
  returns: v.null(),
  handler: async ({ db }: GenericMutationCtx<DataModelFromSchemaDefinition<typeof deployment>>, { workspaceId, userId, role }) => {
    const member = await db.query('sync_members').withIndex('by_member', q => q.eq('workspace_id', workspaceId).eq('user_id', userId)).unique()
    if (member && role) await db.patch(member._id, { role })
    else if (member) await db.delete(member._id)
    else if (role) await db.insert('sync_members', { workspace_id: workspaceId, user_id: userId, role })
    return null
  },
})
