import type { GenericDataModel } from 'convex/server'
import { v } from 'convex/values'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import { refuse } from '../refuse'
import { requireAccess } from '../require-access'
import { moveCursor } from '../store/move-cursor'
import type { SyncFunctionOptions } from '../sync-options'
import { syncMutation } from './builders'
import { namedUser } from './wire'

/** How far a device of the caller has read, for the garbage collector. A step back is ignored; `ahead`: the workspace has not come so far. */
export function defineUpdateDeviceCursor<DataModel extends GenericDataModel, Tables extends Record<string, StandardSchemaV1>>(options: SyncFunctionOptions<DataModel, Tables>) {
  return syncMutation({
    args: { workspaceId: v.string(), userId: namedUser, deviceId: v.string(), version: v.number() },
    returns: v.union(v.literal('ok'), v.literal('ahead')),
    handler: async (ctx, { workspaceId, userId: named, deviceId, version }) => {
      const { userId } = await requireAccess(ctx, options, { workspaceId, userId: named, access: 'read' })
      const problem = primaryKeyError(deviceId)
      if (problem) throw refuse('VALIDATION_ERROR', `deviceId: ${problem.replace('a primary key', 'a device id')}`)
      if (!Number.isSafeInteger(version) || version < 0) throw refuse('VALIDATION_ERROR', 'version: must be an integer from 0')
      return await moveCursor(ctx.db, { workspaceId, userId, deviceId, version, now: Date.now() })
    },
  })
}
