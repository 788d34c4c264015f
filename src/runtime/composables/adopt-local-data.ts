import appSchema from '#or3-sync-virtual/schema'
import { createLocalDatabase } from '../core/sync/life/local-database'
import { moveLocalRows } from '../core/sync/database/move-local-rows'
import { SyncError } from '../shared/sync/protocol/errors'
import type { SyncSchema } from '../shared/sync/schema/sync-schema'
import { asEngineDatabase, useSyncClient } from '../app/sync-client'

/**
 * Moves what was written before anybody signed in into the database of the user who is signed in when it is called, through capture, so that
 * it reaches every device. It waits until that database is the page's own. A row is removed there only once it is stored here; a row with the same key is replaced. A row that a workspace
 * refuses stays there, and holds no other up.
 *
 * @returns how many rows moved.
 * @throws SyncError `UNAUTHORIZED` when nobody is signed in; `NOT_FOUND` when the user has no workspace; `USER_CHANGED` when another user or workspace
 * came before the database was open. In these cases nothing moves. `VALIDATION_ERROR` or `OVERSIZED`, with `count`, when rows were refused and all
 * others have moved; `READ_ONLY` for a viewer.
 */
export async function adoptLocalData(): Promise<number> {
  const client = useSyncClient()
  if (!client?.session) throw new SyncError('UNAUTHORIZED', 'sync is off: there is no user whose database local data could move into', { retryable: false })
  const target = await client.ownDatabase()
  const schema = appSchema as unknown as SyncSchema
  const local = createLocalDatabase({ schema })
  try { return await moveLocalRows(local, asEngineDatabase(target), schema) }
  finally { local.close() }
}
