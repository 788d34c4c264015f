import { type Dexie, liveQuery } from 'dexie'
import type { Row } from './rows'

/** Resolves once `liveQuery` shows every row of `keys` with `title`. */
export async function untilTitled(db: Dexie, keys: string[], title: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const following = liveQuery(() => db.table<Row, string>('items').bulkGet(keys)).subscribe({
      next: (rows) => {
        if (!rows.every(row => row?.title === title)) return
        resolve()
        queueMicrotask(() => following.unsubscribe())
      },
      error: reject,
    })
  })
}
