import { installPlainWrites } from '../capture/plain-writes'
import type { EngineDatabase } from '../records/engine-database'
import { createSyncDatabase, LOCAL_DATABASE_NAME, type SyncDatabaseOptions } from '../database/sync-database'

/**
 * The database of a page where nobody is signed in. Nothing of it is synced. It refuses the same values as a synced one, so that every row can
 * move into a workspace later.
 */
export function createLocalDatabase(options: Pick<SyncDatabaseOptions, 'schema' | 'indexedDB' | 'IDBKeyRange'>): EngineDatabase {
  const db = createSyncDatabase({ name: LOCAL_DATABASE_NAME, ...options })
  installPlainWrites(db, options.schema)
  return db
}
