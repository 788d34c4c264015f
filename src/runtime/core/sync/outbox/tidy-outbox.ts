import { ENGINE_TABLES } from '../../../shared/sync/engine-tables'
import type { EngineContext } from '../engine-context'
import { batchTransaction } from './batch-transaction'
import type { CollectedBatch } from './collect-batch'

/** Stores what a collection found out: entries that stand for nothing, holds that changed. @returns whether there was anything. */
export async function tidyOutbox(context: EngineContext, batch: CollectedBatch): Promise<boolean> {
  if (batch.void.length + batch.held.length + batch.released.length === 0) return false
  const { outbox } = context
  await batchTransaction(context, batch, [ENGINE_TABLES.pendingOps], async () => {
    const view = await outbox.viewOf(batch.recordIds)
    for (const key of batch.void) view.removeAll(key)
    for (const key of batch.held) view.setStatus(key, 'held')
    for (const key of batch.released) view.setStatus(key, 'pending')
    await outbox.save(view)
  })
  return true
}
