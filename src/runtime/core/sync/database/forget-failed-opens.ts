import type Dexie from 'dexie'

/**
 * Lets a database open again after an open has failed. Dexie would refuse every operation from then on. But the failure may pass: browsers
 * close databases (Safari in the background, a full disk), also while they are being opened again.
 */
export function forgetFailedOpens(db: Dexie): void {
  const open = db.open.bind(db)
  db.open = () => open().catch((error: Error) => {
    // This error means that we closed the database. Then it stays closed.
    if (error.name !== 'DatabaseClosedError') db.close({ disableAutoOpen: false })
    throw error
  }) as ReturnType<Dexie['open']>
}
