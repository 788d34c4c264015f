import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncSchema } from '../../../shared/sync/schema/sync-schema'
import { upgradedOrSame } from '../../../shared/sync/rows/upgrade-row'
import type { ConflictRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { capturedRows } from '../records/stored-rows'

/** The conflicts on this device, kept for 30 days with both versions, so that the losing one can be restored. */
export class SyncConflicts {
  constructor(private readonly db: EngineDatabase, private readonly schema: Pick<SyncSchema, 'tables'>) {}

  /** Newest first. */
  async list(): Promise<ConflictRecord[]> {
    return await this.db.sync_conflicts.orderBy('detectedAt').reverse().toArray()
  }

  /**
   * Writes the losing version back as a new edit, which reaches every device. It is upgraded to today's schema first. If it does not fit the
   * schema, it is refused when it is sent, and waits in the dead letter.
   *
   * @throws SyncError `NOT_FOUND` when no conflict has this id, the loser came without its row, or the app no longer has the table.
   */
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

  /** Removes the conflict: the winner stays. @throws SyncError `NOT_FOUND` when no conflict has this id. */
  async dismiss(id: string): Promise<void> {
    await this.db.sync_conflicts.delete((await this.#get(id)).id)
  }

  async #get(id: string): Promise<ConflictRecord> {
    const conflict = await this.db.sync_conflicts.get(id)
    if (!conflict) throw new SyncError('NOT_FOUND', `no conflict has the id "${id}"; useSyncConflicts().conflicts lists them`)
    return conflict
  }
}
