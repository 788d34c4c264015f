import type { EngineDatabase } from './engine-database'

/**
 * Runs one read-write transaction of the engine. It writes the app's tables by `storedRows`: what it writes carries its own revisions and
 * never becomes an outbox entry. Holds locks on `tables` until `work` is done; `work` must only await Dexie.
 */
export async function applyTransaction<T>(db: EngineDatabase, tables: readonly string[], work: () => Promise<T>): Promise<T> {
  // '!': never inside a transaction of the app, whose abort would take the engine's work with it.
  return await db.transaction('rw!', [...new Set(tables)], work)
}
