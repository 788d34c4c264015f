import type appSchema from '#or3-sync-virtual/schema'
import type { SyncDatabase } from '../core/sync/records/engine-database'
import type { SyncEngine } from '../core/sync/create-sync-engine'
import type { SchemaTables } from '../shared/sync/schema/sync-schema'

/** The tables that the app's own schema file declares. */
export type AppTables = SchemaTables<typeof appSchema>
export type AppDatabase = SyncDatabase<AppTables>
export type AppEngine = SyncEngine<AppTables>
