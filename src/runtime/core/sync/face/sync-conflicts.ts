import type { ConflictRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import type { ConflictActions } from './conflict-actions'

/** The conflicts on this device, kept for 30 days with both versions, so that the losing one can be restored. */
export class SyncConflicts {
  /** `actions` rejects with a SyncError `NETWORK_ERROR` if their code could not be loaded. */
  constructor(private readonly db: EngineDatabase, private readonly actions: () => Promise<ConflictActions>) {}

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
    await (await this.actions()).restore(id)
  }

  /** Removes the conflict: the winner stays. @throws SyncError `NOT_FOUND` when no conflict has this id. */
  async dismiss(id: string): Promise<void> {
    await (await this.actions()).dismiss(id)
  }
}
