import type { WireError } from '../../../shared/sync/protocol/errors'
import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { AsideState } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { batchTransaction } from './batch-transaction'
import type { CollectedBatch } from './collect-batch'
import type { PushTiming } from './push-timing'
import { isTimeout } from '../transport/is-timeout'

/**
 * Lets the only op of a batch wait aside, because it does not get through while others do: so it holds nothing up. This is stored with the
 * record's edits. Every tab can then say why they wait, and whichever tab sends them next sends them alone.
 */
export async function setAside(context: EngineContext, timing: PushTiming, batch: CollectedBatch, error: WireError): Promise<void> {
  const { hooks, scope } = context
  const { op, aside } = batch.ops[0]!
  const tries = (aside?.tries ?? 0) + 1
  await mark(context, batch, { code: error.code, message: `${reasonOf(error)}: ${error.message}`, tries })
  const nextAttemptAt = timing.setAside(op.stamp.opId, tries)
  hooks.doAction('sync.retry:action', { op, attempt: op.attempts, nextAttemptAt })
  hooks.doAction('sync.error:action', { op, error, code: error.code, permanent: false })
  hooks.doAction('sync.push:action:after', { scope, successCount: 0, failCount: 1 })
}

function reasonOf(error: WireError): string {
  if (isTimeout(error)) return 'the link is too slow for this edit'
  return error.code === 'SERVER_ERROR' ? 'the store fails over this edit' : 'something on the way to the server refuses this edit'
}

async function mark(context: EngineContext, batch: CollectedBatch, aside: AsideState): Promise<void> {
  const { outbox } = context
  const { key } = batch.ops[0]!
  await batchTransaction(context, batch, [ENGINE_TABLES.pendingOps], async () => {
    const view = await outbox.view([key])
    view.setAside(key, aside)
    await outbox.save(view)
  })
}
