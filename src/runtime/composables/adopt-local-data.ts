import appSchema from '#or3-sync-virtual/schema'
import { createSyncDatabase, LOCAL_DATABASE_NAME } from '../core/sync/database/sync-database'
import { plainRow } from '../core/sync/read/sync-payload-normalizer'
import { SyncError } from '../shared/sync/errors'
import type { SyncSchema } from '../shared/sync/sync-schema'
import { useSyncClient } from '../app/sync-client'

/** How many rows move in one transaction. */
const CHUNK = 500

/**
 * Moves what was written before anybody signed in into the signed-in user's database, through capture, so that it reaches
 * every device. A row is removed there only once it is stored here; a row with the same key is replaced.
 *
 * @returns how many rows moved.
 * @throws SyncError `UNAUTHORIZED` when nobody is signed in.
 */
export async function adoptLocalData(): Promise<number> {
  const client = useSyncClient()
  if (!client?.session?.state.userId || !client.db.value) throw new SyncError('UNAUTHORIZED', 'sign in first: local data moves into the signed-in user\'s database', { retryable: false })
  const target = client.db.value
  const schema = appSchema as unknown as SyncSchema
  const local = createSyncDatabase({ name: LOCAL_DATABASE_NAME, schema })
  let moved = 0
  try {
    for (const { name, primaryKey } of Object.values(schema.tables)) {
      for (;;) {
        const rows = await local.table<Record<string, unknown>, string>(name).limit(CHUNK).toArray()
        if (!rows.length) break
        await target.table(name).bulkPut(rows.map(plainRow))
        await local.table(name).bulkDelete(rows.map(row => row[primaryKey] as string))
        moved += rows.length
      }
    }
  }
  finally { local.close() }
  return moved
}
