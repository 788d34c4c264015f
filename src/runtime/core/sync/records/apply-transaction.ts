import type { Transaction } from 'dexie'
import type { EngineDatabase } from './engine-database'

/** IndexedDB transactions in which the engine itself writes: what they change is not captured. */
const applying = new WeakSet<object>()

export function isApplying(transaction: object): boolean {
  return applying.has(transaction)
}

/**
 * Runs one read-write transaction of the engine. Its writes carry their own revisions and never become outbox entries.
 * Holds locks on `tables` until `work` is done; `work` must only await Dexie.
 */
export async function applyTransaction<T>(db: EngineDatabase, tables: readonly string[], work: () => Promise<T>): Promise<T> {
  // '!': never inside a transaction of the app, whose abort would take the engine's work with it.
  return await db.transaction('rw!', [...new Set(tables)], async (tx: Transaction) => {
    applying.add((tx as unknown as { idbtrans: object }).idbtrans)
    return await work()
  })
}
