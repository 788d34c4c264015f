import { defineSyncFunctions } from 'or3-sync/convex'
import { contractSchema } from '../../../src/testing/contract/contract-schema'

/** The sync functions over the schema of the contract suites. Everybody owns the workspace that has their id. */
export const { push, pull, watchChanges, updateDeviceCursor, gc, erase, exportPage, newEpoch, write, get, list } = defineSyncFunctions({
  schema: contractSchema,
  authorize: async (ctx, { workspaceId }) => {
    const userId = (await ctx.auth.getUserIdentity())?.subject
    return userId === workspaceId ? { userId, role: 'owner' } : null
  },
})
