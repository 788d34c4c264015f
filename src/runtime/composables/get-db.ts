import { SyncError } from '../shared/sync/protocol/errors'
import type { AppDatabase } from '../app/app-types'
import { useSyncClient } from '../app/sync-client'

/**
 * The Dexie database of the current user and workspace, typed by the app's schema. It is returned at once; its first operations wait until
 * the session is known. Inside `useLiveQuery` and computed values it follows sign-in and workspace switches.
 *
 * The server has no IndexedDB. There, too, an object is returned, but using it throws `SYNC_DISABLED`.
 */
export function getDb(): AppDatabase {
  const db = useSyncClient()?.db.value
  return db ?? serverDatabase
}

/** Taking a reference while rendering on the server must not fail, but reading from it must not silently yield nothing. */
const serverDatabase = new Proxy({}, {
  get(_, property) {
    if (typeof property === 'symbol' || property === 'then' || property.startsWith('__v_')) return undefined
    throw new SyncError('SYNC_DISABLED', `getDb().${property} is not available on the server, which has no IndexedDB; read with useLiveQuery or in onMounted`)
  },
}) as AppDatabase
