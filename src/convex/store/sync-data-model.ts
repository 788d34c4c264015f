import type { DataModelFromSchemaDefinition, DocumentByName, GenericDatabaseReader, GenericDatabaseWriter, SchemaDefinition } from 'convex/server'
import type { syncTables } from '../sync-tables'

/** The part of the app's data model that is ours. */
export type SyncDataModel = DataModelFromSchemaDefinition<SchemaDefinition<typeof syncTables, true>>
export type SyncReader = GenericDatabaseReader<SyncDataModel>
export type SyncWriter = GenericDatabaseWriter<SyncDataModel>
export type SyncDoc<Table extends keyof typeof syncTables> = DocumentByName<SyncDataModel, Table>
