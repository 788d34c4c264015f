import type { SyncError } from '../../../shared/sync/errors'
import { ENGINE_TABLES } from '../../../shared/sync/engine-tables'
import { applyTransaction } from '../database/apply-transaction'
import type { AsideState } from '../database/engine-records'
import type { EngineDatabase } from '../database/sync-database'
import type { EngineContext } from '../engine-context'
import type { CollectedBatch } from './collect-batch'
import type { PushTiming } from './push-timing'

/**
 * The only op of a batch does not get through, while others do: it waits aside, and holds nothing up. That is noted with the record's
 * edits, so that every tab can say why, and the next one to send them does so alone.
 */
export async function setAside({ db, hooks, scope }: EngineContext, timing: PushTiming, batch: CollectedBatch, error: SyncError): Promise<void> {
  const { op, aside } = batch.ops[0]!
  const tries = (aside?.tries ?? 0) + 1
  await mark(db, batch, { code: error.code, message: `something on the way to the server refuses this edit: ${error.message}`, tries })
  const nextAttemptAt = timing.setAside(op.stamp.opId, tries)
  hooks.doAction('sync.retry:action', { op, attempt: op.attempts, nextAttemptAt })
  hooks.doAction('sync.error:action', { op, error, code: error.code, permanent: false })
  hooks.doAction('sync.push:action:after', { scope, successCount: 0, failCount: 1 })
}

async function mark(db: EngineDatabase, { ops, recordIds }: CollectedBatch, aside: AsideState): Promise<void> {
  const { tableName, pk } = ops[0]!.op
  await applyTransaction(db, [ENGINE_TABLES.pendingOps], async () => {
    await db.pending_ops.where(':id').anyOf(recordIds).modify((record) => {
      if (record.tableName === tableName && record.status === 'pending') record.ops = record.ops.map(op => op.pk === pk ? { ...op, aside } : op)
    })
  })
}
