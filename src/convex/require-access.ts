import type { GenericDataModel, GenericQueryCtx } from 'convex/server'
import { isSyncRole } from '#or3-sync/shared/sync/protocol/is-sync-role'
import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import { refuse } from './refuse'
import { isService } from './service-identity'
import type { SyncDataModel } from './store/sync-data-model'
import type { AuthorizeRequest, SyncFunctionOptions, SyncMember } from './sync-options'

export interface AccessRequest extends AuthorizeRequest {
  /** The user whose database the call is made for. Absent: not checked. */
  userId?: string
}

/**
 * Every function begins here.
 *
 * @throws ConvexError `USER_CHANGED` (the call is made for somebody else), `UNAUTHORIZED` (no role here), `READ_ONLY` (a viewer writing),
 * `VALIDATION_ERROR` (no workspace id)
 */
export async function requireAccess<DataModel extends GenericDataModel>(
  ctx: GenericQueryCtx<SyncDataModel>,
  { authorize }: Pick<SyncFunctionOptions<DataModel>, 'authorize'>,
  { userId, ...request }: AccessRequest,
): Promise<SyncMember> {
  const problem = primaryKeyError(request.workspaceId)
  if (problem) throw refuse('VALIDATION_ERROR', `workspaceId: ${problem.replace('a primary key', 'a workspace id')}`)
  // The gateway's own identity is never a member, whatever the app's tables say.
  const member = await isService(ctx) ? null : await authorize(asApp(ctx), request)
  if (userId !== undefined && await isSomebodyElse(ctx, userId, member)) throw refuse('USER_CHANGED', 'this call is made for a user who is not the one signed in')
  if (!member || !isSyncRole(member.role)) throw refuse('UNAUTHORIZED', 'you are not a member of this workspace')
  if (request.access === 'write' && member.role !== 'owner' && member.role !== 'editor') {
    throw refuse('READ_ONLY', 'a viewer cannot write to this workspace')
  }
  return member
}

/** The same context for the app's own code, which sees all tables of its schema: ours are among them. */
function asApp<DataModel extends GenericDataModel>(ctx: GenericQueryCtx<SyncDataModel>): GenericQueryCtx<DataModel> {
  return ctx as unknown as GenericQueryCtx<DataModel>
}

/** Who is no member is known by the token alone. A caller without a token does not count as somebody else. */
async function isSomebodyElse({ auth }: Pick<GenericQueryCtx<SyncDataModel>, 'auth'>, userId: string, member: SyncMember | null): Promise<boolean> {
  const known = member?.userId ?? (await auth.getUserIdentity())?.subject
  return known !== undefined && known !== userId
}
