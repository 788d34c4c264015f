import type { DataModelFromSchemaDefinition, GenericQueryCtx } from 'convex/server'
import { defineSyncFunctions } from 'or3-sync/convex'
import type { SyncRole } from '#or3-sync/shared/sync/protocol/types'
import type deployment from './schema'
import { syncSchema } from './sync-schema'

export type DataModel = DataModelFromSchemaDefinition<typeof deployment>

export const { push, pull, watchChanges, updateDeviceCursor, gc, erase, exportPage, newEpoch, write, get, list } = defineSyncFunctions({
  schema: syncSchema,
  authorize: async (ctx: GenericQueryCtx<DataModel>, { workspaceId }) => {
    const userId = (await ctx.auth.getUserIdentity())?.subject
    if (!userId) return null
    const member = await ctx.db.query('members').withIndex('by_member', q => q.eq('workspace_id', workspaceId).eq('user_id', userId)).unique()
    // An app's own roles may come out of its data: the functions know what to make of them.
    return member && { userId, role: member.role as SyncRole }
  },
  materialize: { tasks: 'tasks', labels: 'labels' },
})
