import type { ChangeStamp, StoredRevision, SyncOperation, WirePayload } from '../protocol/types'
import { utf8Length } from '../protocol/utf8-length'

/** The latest revision of one record as a store holds it: the payload stays the text that came in. */
export interface RecordRow {
  tableName: string
  pk: string
  serverVersion: number
  op: SyncOperation
  /**
   * JSON text; null for a delete, and where a reply left it out.
   * A store may read it lazily (a getter): it is only looked at where an answer needs it.
   */
  payload: string | null
  stamp: ChangeStamp
  /** A tombstone that left the feed. Its revision still beats older puts. */
  collected?: boolean
}

/** The key of a record inside its workspace. Primary keys hold no control characters. */
export function recordKey(tableName: string, pk: string): string {
  return `${tableName}\u0000${pk}`
}

/** A row in the form that travels. */
export function toStoredRevision(row: RecordRow): StoredRevision {
  const revision: StoredRevision = { op: row.op, stamp: row.stamp, serverVersion: row.serverVersion }
  if (row.payload !== null) revision.payload = JSON.parse(row.payload) as WirePayload
  return revision
}

/** What a row counts for in a page: the UTF-8 bytes of what may be long in it. The same in every store. */
export function rowBytes(payloadBytes: number, pk: string, deviceId: string): number {
  return payloadBytes + utf8Length(pk) + utf8Length(deviceId)
}
