import { installPlainWrites } from '../capture/plain-writes'
import type { EngineDatabase } from '../records/engine-database'
import { createSyncDatabase, LOCAL_DATABASE_NAME, type SyncDatabaseOptions } from '../database/sync-database'

/** The database of a page that syncs nothing. It refuses what a workspace would refuse, so that every row of it can move into one. */
export function createLocalDatabase(options: Pick<SyncDatabaseOptions, 'schema' | 'indexedDB' | 'IDBKeyRange'>): EngineDatabase {
  const db = createSyncDatabase({ name: LOCAL_DATABASE_NAME, ...options })
  installPlainWrites(db, options.schema)
  return db
}
