import appSchema from '#or3-sync-virtual/schema'
import { createLocalDatabase } from '../core/sync/life/local-database'
import { moveLocalRows } from '../core/sync/database/move-local-rows'
import { SyncError } from '../shared/sync/protocol/errors'
import type { SyncSchema } from '../shared/sync/schema/sync-schema'
import { asEngineDatabase, useSyncClient } from '../app/sync-client'

/**
 * Moves the rows that were written before sign-in into the database of the signed-in user. They are captured like any other write, so they
 * reach every device. A row with the same key there is replaced. A row leaves the local database only once it is stored in the user's.
 * A row that cannot be stored there stays local, and the other rows move all the same.
 *
 * @returns how many rows moved.
 * @throws SyncError Nothing has moved with `UNAUTHORIZED` (nobody is signed in), `NOT_FOUND` (the user has no workspace), `USER_CHANGED` (the
 * user or workspace changed before the database was open), `READ_ONLY` (a viewer) and `SYNC_DISABLED` (sync is off). With `VALIDATION_ERROR` or `OVERSIZED`, `count` rows
 * were refused and all others have moved.
 */
export async function adoptLocalData(): Promise<number> {
  const client = useSyncClient()
  if (!client?.session) throw new SyncError('SYNC_DISABLED', 'sync is off: there is no user whose database local data could move into')
  const target = await client.ownDatabase()
  const schema = appSchema as unknown as SyncSchema
  const local = createLocalDatabase({ schema })
  try { return await moveLocalRows(local, asEngineDatabase(target), schema) }
  finally { local.close() }
}
