import { SyncError } from '../../../shared/sync/protocol/errors'
import { applyTransaction } from '../records/apply-transaction'
import type { EngineContext } from '../context/engine-context'
import type { CollectedBatch } from './collect-batch'

/** The database that a batch was read from was deleted or replaced. Nobody has to react: the engine starts anew on the new database by itself. */
export class BatchOutlivedError extends SyncError {
  constructor() {
    super('DATABASE_REPLACED', 'the database that these edits were read from was deleted or replaced; the answer to them does not apply to the new database')
    this.name = 'BatchOutlivedError'
  }
}

/**
 * Another tab has ended a walk since the request was sent. Its pages left deletes out, so the answer may tell of a revision whose later delete this
 * device will not hear of. The answer counts as lost: when the edits are sent again, the store tells what it has now.
 */
export class WalkedSinceError extends Error {
  /** `walks`: how many walks this database has ended, see `CursorState.walks`. */
  constructor(readonly walks: number) {
    super('another tab has fetched everything again since these edits were sent')
    this.name = 'WalkedSinceError'
  }
}

/**
 * Runs a transaction that stores what became of a batch, if the database is still the one that the batch was read from. A new database numbers
 * its outbox records from 1 again, so the batch's record ids would name other edits there.
 *
 * @throws BatchOutlivedError when the database was deleted or replaced since.
 */
export async function batchTransaction<T>({ db, incarnation }: EngineContext, batch: Pick<CollectedBatch, 'incarnation'>, tables: readonly string[], work: () => Promise<T>): Promise<T> {
  return await applyTransaction(db, tables, async () => {
    // Checked inside the transaction: only opening the database shows whether it was replaced.
    if (incarnation() !== batch.incarnation) throw new BatchOutlivedError()
    return await work()
  })
}
