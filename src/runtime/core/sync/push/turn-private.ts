import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import { nextClock } from '../../../shared/sync/protocol/revision'
import { asOnlyHere } from '../rows/keep-here'
import type { EngineContext } from '../context/engine-context'
import type { OutboxView } from '../queue/outbox-view'
import { batchTransaction } from './batch-transaction'
import type { CollectedBatch } from './collect-batch'
import { storedRows } from '../records/stored-rows'

/**
 * Handles rows that became private without being written, while an edit of them waits. The edit becomes a delete, as if the row had been written
 * as private. The delete needs a revision of its own: the store may have the row under the edit's revision, and would take the delete for a
 * repeat.
 */
export async function turnPrivate(context: EngineContext, batch: Pick<CollectedBatch, 'retracted' | 'recordIds' | 'incarnation'>): Promise<void> {
  const { appTables, outbox } = context
  await batchTransaction(context, batch, [...appTables.map(({ name }) => name), ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones], async () => {
    const view = await outbox.viewOf(batch.recordIds)
    for (const key of batch.retracted) await turnRecordPrivate(context, view, key)
    await outbox.save(view)
  })
}

async function turnRecordPrivate({ db, env, hlc }: EngineContext, view: OutboxView, key: string): Promise<void> {
  const entry = view.latest(key)
  if (entry?.op !== 'put') return
  const { tableName, pk } = entry
  const rows = storedRows(db, tableName)
  const row = await rows.get(pk)
  // The row was written again since: the newer edit decides what becomes of it.
  if (row?.op_id !== entry.opId) return
  const revision = { clock: nextClock(entry.clock), hlc: hlc.next(), opId: env.uuid() }
  view.turnIntoDelete(key, entry.opId, revision)
  await rows.put(asOnlyHere({ ...row, clock: revision.clock, hlc: revision.hlc }))
  await db.tombstones.put({ tableName, pk, clock: revision.clock, hlc: revision.hlc, op_id: revision.opId, deletedAt: env.clock.now() })
}
