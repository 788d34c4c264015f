import { internalMutationGeneric } from 'convex/server'
import { v } from 'convex/values'

const role = v.union(v.literal('owner'), v.literal('editor'), v.literal('viewer'))

/** Who may do what in the tests. */
export const addMembers = internalMutationGeneric({
  args: { members: v.array(v.object({ workspace_id: v.string(), user_id: v.string(), role })) },
  returns: v.null(),
  handler: async ({ db }, { members }) => {
    for (const member of members) await db.insert('members', member)
    return null
  },
})
