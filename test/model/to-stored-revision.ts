import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { StoredRevision, WirePayload } from '#or3-sync/shared/sync/protocol/types'

/** A row in the form that travels. */
export function toStoredRevision(row: RecordRow): StoredRevision {
  const revision: StoredRevision = { op: row.op, stamp: row.stamp, serverVersion: row.serverVersion }
  if (row.payload !== null) revision.payload = JSON.parse(row.payload) as WirePayload
  return revision
}
