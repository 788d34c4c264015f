import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import { isClock, nextClock } from '../../../shared/sync/protocol/revision'
import type { EngineContext } from '../context/engine-context'
import { inTurn } from '../records/in-turn'
import { batchTransaction } from './batch-transaction'
import type { CollectedBatch } from './collect-batch'
import { restampEdit } from './restamp-edit'

/**
 * Gives edits with a malformed stamp a new one. Such stamps come from a broken clock, or from changes made in the developer tools, and every
 * store would refuse them for ever. Row and outbox entry change together.
 */
export async function mendStamps(context: EngineContext, batch: Pick<CollectedBatch, 'misstamped' | 'recordIds' | 'incarnation'>): Promise<void> {
  const { appTables, outbox } = context
  await batchTransaction(context, batch, [...appTables.map(({ name }) => name), ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones], async () => {
    const view = await outbox.viewOf(batch.recordIds)
    await inTurn(batch.misstamped, ({ key, op }) => restampEdit(context, view, { key, op, clock: nextClock(isClock(op.stamp.clock) ? op.stamp.clock : 0), base: undefined }))
    await outbox.save(view)
  })
}
