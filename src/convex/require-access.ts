import type { GenericDataModel, GenericQueryCtx } from 'convex/server'
import { primaryKeyError } from '#or3-sync/shared/sync/primary-key'
import { refuse } from './refuse'
import type { AuthorizeRequest, SyncFunctionOptions, SyncMember } from './sync-options'

/**
 * Every function begins here.
 *
 * @throws ConvexError `UNAUTHORIZED` (not a member), `READ_ONLY` (a viewer writing), `VALIDATION_ERROR` (no workspace id)
 */
export async function requireAccess<DataModel extends GenericDataModel>(
  ctx: GenericQueryCtx<DataModel>,
  { authorize }: Pick<SyncFunctionOptions<DataModel>, 'authorize'>,
  request: AuthorizeRequest,
): Promise<SyncMember> {
  const problem = primaryKeyError(request.workspaceId)
  if (problem) throw refuse('VALIDATION_ERROR', `workspaceId: ${problem.replace('a primary key', 'a workspace id')}`)
  const member = await authorize(ctx, request)
  if (!member) throw refuse('UNAUTHORIZED', 'you are not a member of this workspace')
  if (request.access === 'write' && member.role !== 'owner' && member.role !== 'editor') {
    throw refuse('READ_ONLY', 'a viewer cannot write to this workspace')
  }
  return member
}
