import type { Transaction } from 'dexie'

/** Stores of Dexie's own begin so. */
const DEXIE_PREFIX = '$'

/**
 * Dexie deletes the stores of tables that an app has taken out of its schema, as the last thing of an upgrade. Here they stay: edits
 * of their rows may still be waiting, to be sent once the table is back.
 */
export function keepDroppedTables(tx: Transaction): void {
  const { db } = tx.idbtrans
  const remove = db.deleteObjectStore.bind(db)
  // This connection's only: what a later one does is its own upgrade's affair.
  db.deleteObjectStore = name => name.startsWith(DEXIE_PREFIX) ? remove(name) : undefined
}
