import type { DataModelFromSchemaDefinition, GenericQueryCtx } from 'convex/server'
import { defineSyncFunctions } from 'or3-sync/convex'
import schema from '../playground/shared/sync.schema'
import type deployment from './schema'

type QueryCtx = GenericQueryCtx<DataModelFromSchemaDefinition<typeof deployment>>

export const { push, pull, watchChanges, updateDeviceCursor, gc, erase, exportPage, newEpoch, write, get, list } = defineSyncFunctions({
  schema,
  authorize: async (ctx: QueryCtx, { workspaceId }) => {
    const userId = (await ctx.auth.getUserIdentity())?.subject
    if (!userId) return null
    if (userId === workspaceId) return { userId, role: 'owner' }
    const member = await ctx.db.query('sync_members').withIndex('by_member', q => q.eq('workspace_id', workspaceId).eq('user_id', userId)).unique()
    return member && { userId, role: member.role }
  },
})
