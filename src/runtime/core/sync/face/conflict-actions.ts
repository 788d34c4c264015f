import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncSchema } from '../../../shared/sync/schema/sync-schema'
import { upgradedOrSame } from '../../../shared/sync/rows/upgrade-row'
import type { ConflictRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { capturedRows } from '../records/stored-rows'

/** What a user can do about a conflict. {@link SyncConflicts} describes both. */
export class ConflictActions {
  constructor(private readonly db: EngineDatabase, private readonly schema: Pick<SyncSchema, 'tables'>) {}

  async restore(id: string): Promise<void> {
    const conflict = await this.#get(id)
    const loser = conflict.winner === 'local' ? conflict.remote : conflict.local
    const table = Object.hasOwn(this.schema.tables, conflict.tableName) ? this.schema.tables[conflict.tableName] : undefined
    if (!table) throw new SyncError('NOT_FOUND', `this version of the app has no table "${conflict.tableName}": reload the page, or wait until the table is back; the conflict is kept`)
    // Written below the app's Dexie hooks, because they ran on this row when it was first written.
    const rows = capturedRows(this.db, table.name)
    await this.db.transaction('rw', [table.name, this.db.sync_conflicts], async () => {
      if (loser.op === 'delete') await rows.delete(conflict.pk)
      else if (loser.row) await rows.put(upgradedOrSame(table, loser.row))
      else throw new SyncError('NOT_FOUND', `the losing version of ${conflict.tableName} "${conflict.pk}" came without its row: there is nothing to restore; dismiss the conflict`)
      await this.db.sync_conflicts.delete(id)
    })
  }

  async dismiss(id: string): Promise<void> {
    await this.db.sync_conflicts.delete((await this.#get(id)).id)
  }

  async #get(id: string): Promise<ConflictRecord> {
    const conflict = await this.db.sync_conflicts.get(id)
    if (!conflict) throw new SyncError('NOT_FOUND', `no conflict has the id "${id}"; useSyncConflicts().conflicts lists them`)
    return conflict
  }
}
