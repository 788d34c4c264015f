import { ENGINE_TABLES } from '../../../shared/sync/engine-tables'
import { applyTransaction } from '../database/apply-transaction'
import type { EngineDatabase } from '../database/sync-database'
import type { CollectedBatch } from './collect-batch'
import { OutboxView } from './outbox-view'

/** Stores what a collection found out: entries that stand for nothing, holds that changed. @returns whether there was anything. */
export async function tidyOutbox(db: EngineDatabase, batch: CollectedBatch): Promise<boolean> {
  if (batch.void.length + batch.held.length + batch.released.length === 0) return false
  await applyTransaction(db, [ENGINE_TABLES.pendingOps], async () => {
    const view = new OutboxView((await db.pending_ops.bulkGet(batch.recordIds)).filter(record => record !== undefined))
    for (const key of batch.void) view.removeAll(key)
    for (const key of batch.held) view.setStatus(key, 'held')
    for (const key of batch.released) view.setStatus(key, 'pending')
    await view.save(db)
  })
  return true
}
