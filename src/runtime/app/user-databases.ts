import Dexie, { type DexieOptions } from 'dexie'
import { ENGINE_TABLES } from '../shared/sync/schema/engine-tables'
import { deleteIfSynced } from './delete-if-synced'
import { databaseName, isDatabaseOf } from '../core/sync/database/sync-database'
import type { OutboxRecord } from '../core/sync/records/engine-records'

/** The user, and the workspaces that they are known to have. */
export interface DatabaseOwner {
  userId: string
  workspaces: readonly { id: string }[]
}

/** The databases that this browser keeps for one user, one for each workspace, whether or not a page has them open. */
export class UserDatabases {
  /** Both default to the browser's own. */
  constructor(private readonly options: Pick<DexieOptions, 'indexedDB' | 'IDBKeyRange'> = {}) {}

  /** The names of the user's databases. An old browser cannot list databases; then only those of the given workspaces are found. */
  async names({ userId, workspaces }: DatabaseOwner): Promise<string[]> {
    const listed = await this.#factory?.databases?.() ?? []
    return [...new Set([...workspaces.map(({ id }) => databaseName(userId, id)), ...listed.flatMap(({ name }) => name ?? [])])].filter(name => isDatabaseOf(userId, name))
  }

  /** How many edits in a database have not reached the store (pending, held or refused). 0 when there is no such database. */
  async countUnsynced(name: string): Promise<number> {
    if (!this.#factory) return 0
    // Opened without a schema, so that it works for a database of any version of the app.
    const db = this.#open(name)
    try {
      await db.open()
      if (!db.tables.some(table => table.name === ENGINE_TABLES.pendingOps)) return 0
      const records = await db.table<OutboxRecord>(ENGINE_TABLES.pendingOps).toArray()
      return records.reduce((sum, { ops }) => sum + ops.length, 0)
    }
    catch (error) {
      if ((error as Error).name === 'NoSuchDatabaseError') return 0
      throw error
    }
    finally { db.close() }
  }

  async delete(name: string): Promise<void> {
    if (this.#factory) await this.#open(name).delete({ disableAutoOpen: true })
  }

  /** Deletes a database if every edit in it has reached the store. @returns how many edits have not; 0: it is deleted. */
  async deleteIfSynced(name: string): Promise<number> {
    return this.#factory ? await deleteIfSynced(this.#factory, name) : 0
  }

  get #factory(): IDBFactory | undefined {
    return this.options.indexedDB as IDBFactory | undefined ?? (globalThis as { indexedDB?: IDBFactory }).indexedDB
  }

  #open(name: string): Dexie {
    return new Dexie(name, this.options.indexedDB ? this.options : {})
  }
}
