import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncSchema } from '../../../shared/sync/schema/sync-schema'
import { upgradedOrSame } from '../../../shared/sync/rows/upgrade-row'
import type { ConflictRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { capturedRows } from '../records/stored-rows'

/** The losers of real conflicts, kept 30 days. */
export class SyncConflicts {
  constructor(private readonly db: EngineDatabase, private readonly schema: Pick<SyncSchema, 'tables'>) {}

  /** Newest first. */
  async list(): Promise<ConflictRecord[]> {
    return await this.db.sync_conflicts.orderBy('detectedAt').reverse().toArray()
  }

  /**
   * Writes the losing version back in today's shape, as a new edit that every device gets. One that this version of the app cannot take is
   * refused when it is sent, and waits in the dead letter.
   *
   * @throws SyncError `NOT_FOUND` for an id that is not there, a loser that came without its row, a table that the app has no more.
   */
  async restore(id: string): Promise<void> {
    const conflict = await this.#get(id)
    const loser = conflict.winner === 'local' ? conflict.remote : conflict.local
    const table = Object.hasOwn(this.schema.tables, conflict.tableName) ? this.schema.tables[conflict.tableName] : undefined
    if (!table) throw new SyncError('NOT_FOUND', `this version of the app has no table "${conflict.tableName}": reload the page, or wait until the table is back; the conflict is kept`)
    // What was stored goes back as it was stored: the app's hooks have seen it.
    const rows = capturedRows<Record<string, unknown>>(this.db, table.name)
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
