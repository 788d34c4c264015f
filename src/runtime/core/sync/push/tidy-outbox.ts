import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { EngineContext } from '../context/engine-context'
import { batchTransaction } from './batch-transaction'
import type { CollectedBatch } from './collect-batch'
import { givenUpTombstone } from '../progress/given-up'
import { keepHere } from '../rows/keep-here'
import type { OutboxView } from '../queue/outbox-view'

/** Stores what a collection found out: entries that stand for nothing, holds that changed. @returns whether there was anything. */
export async function tidyOutbox(context: EngineContext, batch: CollectedBatch): Promise<boolean> {
  if (batch.void.length + batch.held.length + batch.released.length === 0) return false
  const { outbox } = context
  const tables = batch.void.length ? [ENGINE_TABLES.tombstones, ...context.appTables.map(({ name }) => name)] : []
  await batchTransaction(context, batch, [ENGINE_TABLES.pendingOps, ...tables], async () => {
    const view = await outbox.viewOf(batch.recordIds)
    for (const key of batch.void) {
      await keepVoid(context, view, key)
      view.removeAll(key)
    }
    for (const key of batch.held) view.setStatus(key, 'held')
    for (const key of batch.released) view.setStatus(key, 'pending')
    await outbox.save(view)
  })
  return true
}

/** An edit that stands for nothing because its row is private by now. */
async function keepVoid({ db, env }: EngineContext, view: OutboxView, key: string): Promise<void> {
  const entry = view.latest(key)
  if (entry?.op !== 'put') return
  const base = view.base(key)
  // What others have is what the edit was made upon: nothing takes it from them.
  const beside = base ? givenUpTombstone(entry.tableName, { ...entry, base, unheard: view.unheard(key) }, env.clock.now()) : null
  await keepHere(db, entry.tableName, entry, beside)
}
