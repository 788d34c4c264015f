import { SyncError } from '../../../shared/sync/protocol/errors'
import { applyTransaction } from '../records/apply-transaction'
import type { EngineContext } from '../context/engine-context'
import type { CollectedBatch } from './collect-batch'

/** The database that a batch was read from is gone, and another is in its place. The engine begins anew by itself. */
export class BatchOutlivedError extends SyncError {
  constructor() {
    super('DATABASE_REPLACED', 'the database that these edits were read from was deleted or replaced; what became of them says nothing of the one in its place')
    this.name = 'BatchOutlivedError'
  }
}

/**
 * A transaction that stores what became of a batch, in the database that it was read from: another one counts its outbox records
 * from 1 again, and has other edits of the same rows.
 *
 * @throws BatchOutlivedError when the database was deleted or replaced since.
 */
export async function batchTransaction<T>({ db, incarnation }: EngineContext, batch: Pick<CollectedBatch, 'incarnation'>, tables: readonly string[], work: () => Promise<T>): Promise<T> {
  return await applyTransaction(db, tables, async () => {
    // Asked in here: only now is the database open, and known for what it is.
    if (incarnation() !== batch.incarnation) throw new BatchOutlivedError()
    return await work()
  })
}
