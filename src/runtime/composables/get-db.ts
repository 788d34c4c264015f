import { SyncError } from '../shared/sync/protocol/errors'
import type { AppDatabase } from '../app/app-types'
import { useSyncClient } from '../app/sync-client'

/**
 * The Dexie database of the current user and workspace, typed by the app's schema. It answers at once; its first operations
 * wait until the session is known. Inside `useLiveQuery` and computed values it follows sign-in and workspace switches.
 *
 * On the server there is no IndexedDB: the database answers there, too, and using it throws.
 */
export function getDb(): AppDatabase {
  const db = useSyncClient()?.db.value
  return db ?? serverDatabase
}

/** Code that only takes a reference while rendering on the server must not fail; code that reads must not silently get nothing. */
const serverDatabase = new Proxy({}, {
  get(_, property) {
    if (typeof property === 'symbol' || property === 'then' || property.startsWith('__v_')) return undefined
    throw new SyncError('SYNC_DISABLED', `getDb().${property} is not available on the server, which has no IndexedDB; read with useLiveQuery or in onMounted`)
  },
}) as AppDatabase
