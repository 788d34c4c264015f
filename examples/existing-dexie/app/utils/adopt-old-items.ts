import { Dexie } from 'dexie'
import { OldDatabase } from './old-database'

/**
 * Moves the rows of the old database into the synced one, and removes the old one. It may be interrupted at any point, and called again: a row
 * that has moved already is left as it is now.
 *
 * @returns how many rows moved.
 */
export async function adoptOldItems(): Promise<number> {
  if (!await Dexie.exists('shopping')) return 0
  const old = new OldDatabase()
  // Numbers that this device has given out mean other rows on another device.
  await old.items.toCollection().modify((item) => { item.syncId ??= crypto.randomUUID() })
  const rows = (await old.items.toArray()).map(({ id: _, syncId, ...item }) => ({ ...item, id: syncId! }))

  const db = getDb()
  const moved = await db.transaction('rw', db.items, async () => {
    const there = await db.items.bulkGet(rows.map(row => row.id))
    const missing = rows.filter((_, index) => !there[index])
    await db.items.bulkAdd(missing)
    return missing.length
  })
  await old.delete()
  return moved
}
