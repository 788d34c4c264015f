import type appSchema from '#or3-sync-virtual/schema'
import type { SyncDatabase } from '../core/sync/records/engine-database'
import type { SyncEngine } from '../core/sync/create-sync-engine'
import type { SchemaTables } from '../shared/sync/schema/sync-schema'

/** The tables of the app that uses the module, by its own schema file. */
export type AppTables = SchemaTables<typeof appSchema>
export type AppDatabase = SyncDatabase<AppTables>
export type AppEngine = SyncEngine<AppTables>
