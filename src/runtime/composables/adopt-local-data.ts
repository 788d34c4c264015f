import appSchema from '#or3-sync-virtual/schema'
import { createLocalDatabase } from '../core/sync/life/local-database'
import { moveLocalRows } from '../core/sync/database/move-local-rows'
import { SyncError } from '../shared/sync/protocol/errors'
import type { SyncSchema } from '../shared/sync/schema/sync-schema'
import { asEngineDatabase, useSyncClient } from '../app/sync-client'

/**
 * Moves what was written before anybody signed in into the signed-in user's database, through capture, so that it reaches
 * every device. A row is removed there only once it is stored here; a row with the same key is replaced. A row that a workspace
 * refuses stays there, and holds no other up.
 *
 * @returns how many rows moved.
 * @throws SyncError `UNAUTHORIZED` when nobody is signed in; `VALIDATION_ERROR` or `OVERSIZED`, with `count`, when rows were refused and all
 * others have moved; `READ_ONLY` for a viewer.
 */
export async function adoptLocalData(): Promise<number> {
  const client = useSyncClient()
  if (!client?.session?.state.userId || !client.db.value) throw new SyncError('UNAUTHORIZED', 'sign in first: local data moves into the signed-in user\'s database', { retryable: false })
  const schema = appSchema as unknown as SyncSchema
  const local = createLocalDatabase({ schema })
  try { return await moveLocalRows(local, asEngineDatabase(client.db.value), schema) }
  finally { local.close() }
}
