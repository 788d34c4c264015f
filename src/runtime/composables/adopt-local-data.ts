import appSchema from '#or3-sync-virtual/schema'
import { moveLocalRows } from '../core/sync/database/move-local-rows'
import { createSyncDatabase, LOCAL_DATABASE_NAME } from '../core/sync/database/sync-database'
import { SyncError } from '../shared/sync/errors'
import type { SyncSchema } from '../shared/sync/sync-schema'
import { useSyncClient } from '../app/sync-client'

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
  const schema = appSchema as unknown as SyncSchema
  const local = createSyncDatabase({ name: LOCAL_DATABASE_NAME, schema })
  try { return await moveLocalRows(local, client.db.value, schema) }
  finally { local.close() }
}
