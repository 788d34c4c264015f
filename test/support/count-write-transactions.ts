import type { DBCore } from 'dexie'
import type Dexie from 'dexie'

/** Counts the IndexedDB transactions of a database that may write, by the app or by the engine. Must be called before it opens. */
export function countWriteTransactions(db: Dexie): { count: number } {
  const written = { count: 0 }
  db.use({
    // Below the engine's own middleware.
    stack: 'dbcore', name: 'count-write-transactions', level: 0,
    create: (core: DBCore) => ({
      ...core,
      transaction: (stores, mode, options) => {
        if (mode === 'readwrite') written.count++
        return core.transaction(stores, mode, options)
      },
    }),
  })
  return written
}
