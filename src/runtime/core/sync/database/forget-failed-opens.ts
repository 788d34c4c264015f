import type Dexie from 'dexie'

/**
 * Dexie remembers an open that failed and refuses every operation from then on. A browser that closes a database (Safari in the
 * background, a full disk) may do so in the middle of being opened again: the next operation must try once more.
 */
export function forgetFailedOpens(db: Dexie): void {
  const open = db.open.bind(db)
  db.open = () => open().catch((error: Error) => {
    // Closed by us, on purpose: it stays closed.
    if (error.name !== 'DatabaseClosedError') db.close({ disableAutoOpen: false })
    throw error
  }) as ReturnType<Dexie['open']>
}
