import { v } from 'convex/values'
import { readDocs } from '../store/read-batch'
import { readRow } from '../store/write-rows'
import { internalSyncQuery } from './builders'
import { toWireChange } from './to-wire-change'
import { wireChange } from './wire'

/** One record, for whoever holds the deployment's key. Null: there is none, or it is deleted. */
export function defineGet() {
  return internalSyncQuery({
    args: { workspaceId: v.string(), tableName: v.string(), pk: v.string() },
    returns: v.union(wireChange, v.null()),
    handler: async (ctx, { workspaceId, ...record }) => {
      const [doc] = (await readDocs(ctx.db, workspaceId, [record])).values()
      return doc?.op === 'put' ? toWireChange(await readRow(ctx.db, doc)) : null
    },
  })
}
