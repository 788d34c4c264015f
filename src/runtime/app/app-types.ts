import type appSchema from '#or3-sync-virtual/schema'
import type { SyncDatabase, SyncRow } from '../core/sync/records/engine-database'
import type { SyncEngine } from '../core/sync/create-sync-engine'
import type { QueryTables } from '../shared/sync/query/query-types'
import type { SchemaTables } from '../shared/sync/schema/sync-schema'

/** The tables that the app's own schema file declares. */
export type AppTables = SchemaTables<typeof appSchema>
export type AppDatabase = SyncDatabase<AppTables>
export type AppEngine = SyncEngine<AppTables>
/** By table, its rows as `getDb()` gives them. */
export type AppRows = { readonly [K in keyof AppTables]: SyncRow<AppTables[K]> }
/** The argument of a querier that runs on both sides. */
export type AppQueryTables = QueryTables<typeof appSchema['tables'], AppRows>
