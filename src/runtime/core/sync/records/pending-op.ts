import { isHlc } from '../../../shared/sync/protocol/hlc'
import { isClock } from '../../../shared/sync/protocol/revision'
import type { PendingOp } from '../../../shared/sync/protocol/types'
import type { OutboxOp } from './engine-records'

/** What an outbox entry does not say of itself. */
export interface PendingOpOptions extends Pick<PendingOp, 'tableName' | 'payload' | 'base' | 'unheard' | 'createdAt' | 'status'> {
  deviceId: string
}

/** An outbox entry as it travels, and as hooks are told of it. */
export function toPendingOp(entry: OutboxOp, { tableName, deviceId, payload, base, unheard, createdAt, status }: PendingOpOptions): PendingOp {
  return {
    id: entry.opId,
    tableName,
    operation: entry.op,
    pk: entry.pk,
    ...(payload ? { payload } : {}),
    stamp: { deviceId, opId: entry.opId, hlc: entry.hlc, clock: entry.clock },
    ...(base === undefined ? {} : { base: base && isHlc(base.hlc) && isClock(base.clock) ? { clock: base.clock, hlc: base.hlc } : null }),
    ...(unheard?.length ? { unheard } : {}),
    createdAt,
    attempts: 0,
    status,
  }
}
