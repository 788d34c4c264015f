import { ENGINE_TABLES } from '../shared/sync/schema/engine-tables'
import type { OutboxRecord } from '../core/sync/records/engine-records'

/**
 * Deletes a database unless it holds edits that have not reached the store. Counted and emptied in one version change, which begins when
 * no tab has the database open any more: an edit is either counted or comes too late for this database. Its tables go in that version
 * change, and the deletion stands in line before whoever would make them anew.
 *
 * @returns how many edits keep it from being deleted; 0: it is gone, or never was.
 */
export async function deleteIfSynced(factory: IDBFactory, name: string): Promise<number> {
  for (;;) {
    const version = await versionOf(factory, name)
    if (version === null) return 0
    try { return await deleteAt(factory, name, version + 1) }
    // Another tab has raised the version since it was read.
    catch (error) { if ((error as Error).name !== 'VersionError') throw error }
  }
}

/** Null: there is no such database, nor is it made. */
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
        // As if nothing had been: the version, too, is the one before.
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
