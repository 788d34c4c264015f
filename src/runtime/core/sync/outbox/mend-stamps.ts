import { ENGINE_TABLES } from '../../../shared/sync/engine-tables'
import { nextClock } from '../../../shared/sync/revision'
import { isClock } from '../../../shared/sync/stamp-problem'
import { applyTransaction } from '../database/apply-transaction'
import type { EngineContext } from '../engine-context'
import type { CollectedBatch } from './collect-batch'
import { restampEdit } from './restamp-edit'

/**
 * Stamps edits anew whose stamps are out of form, as they are where a clock or a hand in the database went wrong: every store would
 * refuse them for ever. Row and outbox entry change together.
 */
export async function mendStamps(context: EngineContext, { misstamped, recordIds }: Pick<CollectedBatch, 'misstamped' | 'recordIds'>): Promise<void> {
  const { db, appTables, outbox } = context
  await applyTransaction(db, [...appTables.map(({ name }) => name), ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones], async () => {
    const view = await outbox.viewOf(recordIds)
    for (const { key, op } of misstamped) {
      await restampEdit(context, view, { key, op, clock: nextClock(isClock(op.stamp.clock) ? op.stamp.clock : 0), base: undefined })
    }
    await outbox.save(view)
  })
}
