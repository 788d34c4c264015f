import type { Transaction } from 'dexie'

/** The names of Dexie's own object stores begin with it. */
const DEXIE_PREFIX = '$'

/**
 * Keeps the object stores of tables that the app has removed from its schema. Dexie would delete them at the end of an upgrade, although edits of
 * their rows may still wait in the outbox, to be sent once the table is back.
 */
export function keepDroppedTables(tx: Transaction): void {
  const { db } = tx.idbtrans
  const remove = db.deleteObjectStore.bind(db)
  // Only for this connection. A later upgrade has another one.
  db.deleteObjectStore = name => name.startsWith(DEXIE_PREFIX) ? remove(name) : undefined
}
