type Database = ReturnType<typeof getDb>

/** Deleted rows, by table. */
export type RemovedRows = { [name in 'threads' | 'messages' | 'posts']?: object[] }

/**
 * Deletes rows at once, and offers for a while to write them back. The delete is real, also if the page is closed meanwhile. To undo it is a new
 * edit, which every device gets.
 */
export function useRemoval() {
  const attempt = useAttempt()
  const toasts = useToasts()

  /** `work` deletes the rows in its own transaction, and returns them as they were. */
  return async function remove(title: string, work: (db: Database) => Promise<RemovedRows>): Promise<void> {
    // Kept: the rows come back into the database that they were taken from, also if another one is open by then.
    const db = getDb()
    await attempt(async () => {
      const removed = await work(db)
      toasts.add({
        title,
        icon: 'i-lucide-trash-2',
        color: 'neutral',
        action: { label: 'Undo', run: () => { void attempt(() => putBack(db, removed)) } },
      })
    })
  }
}

async function putBack(db: Database, removed: RemovedRows): Promise<void> {
  const tables = Object.entries(removed).map(([name, rows]) => ({ table: db.table(name), rows: rows! }))
  await db.transaction('rw', tables.map(({ table }) => table), async () => {
    for (const { table, rows } of tables) await table.bulkPut(rows)
  })
}
