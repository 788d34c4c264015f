import { ENGINE_TABLES } from '../shared/sync/schema/engine-tables'
import type { OutboxRecord } from '../core/sync/records/engine-records'

/**
 * Deletes a database, unless its outbox holds edits that have not reached the store.
 *
 * It counts the edits and drops the tables in one IndexedDB version change. That change begins only once no tab has the database open, so no
 * edit can be written between the count and the deletion. The deletion is requested within the version change, so that it comes before
 * any tab that waits to open the database again.
 *
 * @returns how many edits keep it from being deleted. 0: it is deleted, or did not exist.
 */
export async function deleteIfSynced(factory: IDBFactory, name: string): Promise<number> {
  for (;;) {
    const version = await versionOf(factory, name)
    if (version === null) return 0
    try { return await deleteAt(factory, name, version + 1) }
    // VersionError: another tab has raised the version since we read it.
    catch (error) { if ((error as Error).name !== 'VersionError') throw error }
  }
}

/** The database's version. Null: there is no such database. Reading it does not create one. */
async function versionOf(factory: IDBFactory, name: string): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    const request = factory.open(name)
    let isNew = false
    request.onupgradeneeded = () => {
      isNew = true
      request.transaction!.abort()
    }
    request.onsuccess = () => {
      const { version } = request.result
      request.result.close()
      resolve(version)
    }
    request.onerror = (event) => {
      event.preventDefault()
      if (isNew) resolve(null)
      else reject(request.error!)
    }
  })
}

async function deleteAt(factory: IDBFactory, name: string, version: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const request = factory.open(name, version)
    let kept = 0
    const remove = (tables: readonly string[]) => {
      for (const table of tables) request.result.deleteObjectStore(table)
      const deletion = factory.deleteDatabase(name)
      deletion.onsuccess = () => resolve(0)
      deletion.onerror = () => reject(deletion.error!)
    }
    request.onupgradeneeded = () => {
      const tables = [...request.result.objectStoreNames]
      const { transaction } = request
      if (!tables.includes(ENGINE_TABLES.pendingOps)) return remove(tables)
      const records = transaction!.objectStore(ENGINE_TABLES.pendingOps).getAll() as IDBRequest<OutboxRecord[]>
      records.onsuccess = () => {
        kept = records.result.reduce((sum, { ops }) => sum + ops.length, 0)
        if (kept === 0) return remove(tables)
        // The abort also restores the version.
        transaction!.abort()
      }
    }
    request.onsuccess = () => request.result.close()
    request.onerror = (event) => {
      event.preventDefault()
      if (kept > 0) resolve(kept)
      else reject(request.error!)
    }
  })
}
