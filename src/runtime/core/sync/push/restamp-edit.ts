import type { BaseRevision, PendingOp } from '../../../shared/sync/protocol/types'
import { decideEntry } from '../decide/decide-answer'
import type { EngineContext } from '../context/engine-context'
import type { OutboxView } from '../queue/outbox-view'
import { storedRows } from '../records/stored-rows'

export interface Restamp {
  key: string
  op: PendingOp
  clock: number
  /** Undefined: the edit keeps its base. */
  base: BaseRevision | null | undefined
}

/**
 * Gives an unsent edit a new revision: a new op id, a higher clock, a new HLC. Row (or tombstone) and outbox entry change together, in the
 * caller's transaction. If the record was edited again since, the old edit is removed instead, without a request to the database: only the
 * newer one is sent. For `inTurn`.
 */
export function restampEdit(context: EngineContext, view: OutboxView, { key, op, clock, base }: Restamp): Promise<unknown> | undefined {
  if (decideEntry('restamp', view.answered(key, op.stamp.opId)) === 'supersede') {
    view.supersede(key, op.stamp)
    return
  }
  const revision = { clock, hlc: context.hlc.next(), opId: context.env.uuid() }
  view.restamp(key, op.stamp.opId, revision, base)
  const columns = { clock, hlc: revision.hlc, op_id: revision.opId }
  if (op.operation === 'put') {
    return storedRows(context.db, op.tableName).update(op.pk, columns)
  }
  return context.db.tombstones.update([op.tableName, op.pk], columns)
}
