import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { EngineContext } from '../context/engine-context'
import { batchTransaction } from './batch-transaction'
import type { CollectedBatch } from './collect-batch'
import { keepPrivateRow } from './keep-private-row'
import { inTurn } from '../records/in-turn'

/**
 * Removes obsolete outbox entries, and stores which edits are held and which no longer are. `checkLead`: throws if another tab has taken the lead. It may
 * have pushed what counts as never sent here.
 *
 * @returns whether anything changed.
 */
export async function tidyOutbox(context: EngineContext, batch: CollectedBatch, checkLead: () => Promise<void>): Promise<boolean> {
  if (batch.obsolete.length + batch.held.length + batch.released.length === 0) return false
  const { outbox } = context
  const tables = batch.obsolete.length ? [ENGINE_TABLES.tombstones, ENGINE_TABLES.state, ...context.appTables.map(({ name }) => name)] : []
  await batchTransaction(context, batch, [ENGINE_TABLES.pendingOps, ...tables], async () => {
    if (batch.obsolete.length) await checkLead()
    const view = await outbox.viewOf(batch.recordIds)
    await inTurn(batch.obsolete, (key) => {
      const kept = keepPrivateRow(context, view, key)
      view.removeAll(key)
      return kept
    })
    for (const key of batch.held) view.setStatus(key, 'held')
    for (const key of batch.released) view.setStatus(key, 'pending')
    await outbox.save(view)
  })
  return true
}
