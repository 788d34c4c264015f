/** `or3-sync/schema`: declaring tables. Pure, for client, server and Convex. */
export { defineSyncSchema, SyncSchemaError } from './shared/sync/schema/sync-schema'
export type { SchemaTables, SyncSchema, SyncSchemaDefinition, SyncSchemaStep, SyncTable, SyncTableDefinition } from './shared/sync/schema/sync-schema'
export { or3 } from './presets/or3'
