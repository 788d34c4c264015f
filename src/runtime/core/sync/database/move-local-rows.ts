import type Dexie from 'dexie'
import type { SyncSchema } from '../../../shared/sync/sync-schema'
import { plainRow } from '../read/sync-payload-normalizer'

/** How many rows move in one transaction. */
const CHUNK = 500

/**
 * Moves the rows of one database into another, through the other's capture. A row is removed there only once it is stored here, so
 * that a move which is cut off is simply made again; a row with the same key is replaced.
 *
 * @returns how many rows moved.
 */
export async function moveLocalRows(from: Dexie, to: Dexie, schema: SyncSchema): Promise<number> {
  let moved = 0
  for (const { name, primaryKey } of Object.values(schema.tables)) {
    for (;;) {
      const rows = await from.table<Record<string, unknown>, string>(name).limit(CHUNK).toArray()
      if (!rows.length) break
      await to.table(name).bulkPut(rows.map(plainRow))
      await from.table(name).bulkDelete(rows.map(row => row[primaryKey] as string))
      moved += rows.length
    }
  }
  return moved
}
