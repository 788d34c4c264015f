import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { SyncDoc } from './sync-data-model'

/** A line of `change_log` as the rules see it. */
export function toRow(doc: SyncDoc<'change_log'>, payload: string | null): RecordRow {
  return {
    tableName: doc.table_name,
    pk: doc.pk,
    serverVersion: doc.server_version,
    op: doc.op,
    payload,
    stamp: { deviceId: doc.device_id, opId: doc.op_id, hlc: doc.hlc, clock: doc.clock },
    collected: doc.collected,
  }
}
