import type { GenericDataModel, GenericQueryCtx, TableNamesInDataModel } from 'convex/server'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncRole } from '#or3-sync/shared/sync/protocol/types'

export interface AuthorizeRequest {
  workspaceId: string
  /** What the call is going to do. The functions themselves refuse a `viewer` who wants to write. */
  access: 'read' | 'write'
}

/** Who is asking, as a member of the workspace the call speaks of. */
export interface SyncMember {
  userId: string
  /** Any other role than ours, and null, opens nothing. */
  role: SyncRole | null
}

/**
 * Says who is asking, from `ctx.auth.getUserIdentity()` and the app's own tables, never from claims of the token: a token outlives a
 * membership. Null: not a member. Called in every function, before anything else is read. Where user ids are not the subjects of tokens,
 * say `{ userId, role: null }` of who is no member: by null alone a page cannot tell that somebody else has signed in.
 */
export type Authorize<DataModel extends GenericDataModel> =
  (ctx: GenericQueryCtx<DataModel>, request: AuthorizeRequest) => SyncMember | null | Promise<SyncMember | null>

export interface SyncFunctionOptions<
  DataModel extends GenericDataModel = GenericDataModel,
  Tables extends Record<string, StandardSchemaV1> = Record<string, StandardSchemaV1>,
> {
  /** The app's `defineSyncSchema`: the same file that client and server use. */
  schema: SyncSchema<Tables>
  authorize: Authorize<DataModel>
  /**
   * Tables of the app's own that are kept equal to synced ones: synced name -> Convex name. Default: none.
   * Such a table has the row's fields, `workspace_id: v.string()`, and an index `by_record` on `['workspace_id', <primary key>]`.
   */
  materialize?: { readonly [Table in keyof Tables]?: TableNamesInDataModel<DataModel> }
}
