import type { EngineDatabase } from './engine-database'

/**
 * Runs one read-write transaction of the engine. It locks `tables` until `work` is done; `work` must only await Dexie. Rows of the app must be
 * written through `storedRows`, so that they keep the revisions they have and do not become edits.
 */
export async function applyTransaction<T>(db: EngineDatabase, tables: readonly string[], work: () => Promise<T>): Promise<T> {
  // '!' starts a transaction of its own. Inside one of the app's, the app's abort would undo what the engine wrote.
  return await db.transaction('rw!', [...new Set(tables)], work)
}
