/** The Convex side: `or3-sync/convex`. For files in the app's `convex/` folder; needs the peer `convex`. */
export { defineSyncFunctions } from './define-sync-functions'
export type { SyncFunctions } from './define-sync-functions'
export { syncTables } from './sync-tables'
export { SERVICE_SUBJECT } from '#or3-sync/shared/sync/store/service-subject'
export type { Authorize, AuthorizeRequest, SyncFunctionOptions, SyncMember } from './sync-options'
export type { RefusedCall } from './refuse'
export type { SyncRole, WireErrorCode } from '#or3-sync/shared/sync/protocol/types'
export type { SchemaTables, SyncSchema, SyncSchemaDefinition, SyncSchemaStep, SyncTable, SyncTableDefinition } from '#or3-sync/shared/sync/schema/sync-schema'
