import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { EngineContext } from '../context/engine-context'
import { batchTransaction } from './batch-transaction'
import type { CollectedBatch } from './collect-batch'
import { givenUpTombstone } from '../progress/given-up'
import { inTurn } from '../records/in-turn'
import { keepHere } from '../rows/keep-here'
import type { OutboxView } from '../queue/outbox-view'

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

/** If the entries are obsolete because their row is private now, keeps the row as one that nobody else has. */
function keepPrivateRow({ db, env }: EngineContext, view: OutboxView, key: string): Promise<void> | undefined {
  const entry = view.latest(key)
  if (entry?.op !== 'put') return
  const base = view.base(key)
  // Others keep the revision that the edit was made upon. The tombstone notes it, for when the row is shared again.
  const beside = base ? givenUpTombstone(entry.tableName, { ...entry, base, unheard: view.unheard(key) }, env.clock.now()) : null
  return keepHere(db, entry.tableName, entry, beside)
}
