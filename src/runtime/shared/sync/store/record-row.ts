import type { Revision } from '../protocol/revision'
import type { ChangeStamp, SyncOperation } from '../protocol/types'
import { utf8Length } from '../protocol/utf8-length'

/** The latest revision of one record as a store keeps it. The payload is JSON text, as it was received. */
export interface RecordRow {
  tableName: string
  pk: string
  serverVersion: number
  op: SyncOperation
  /** JSON text. Null for a delete, and where it was left out to keep a reply or a memory small. */
  payload: string | null
  stamp: ChangeStamp
  /** Whether this is a tombstone that left the feed. Its revision still wins over older puts. */
  collected?: boolean
}

/** The same for a record that is not deleted and whose payload has not been read yet. */
export interface UnreadRow extends Omit<RecordRow, 'payload'> {
  /** UTF-8 bytes of the payload. */
  payloadBytes: number
}

/** A row as a store gives it to `planPush`. Most pushes only compare revisions, so the payload may be read later. */
export type FoundRow = RecordRow | UnreadRow

export function isUnread(row: FoundRow): row is UnreadRow {
  return !('payload' in row)
}

/** The size of a row in a page: the UTF-8 bytes of its parts that may be long. Every store counts the same way. */
export function rowBytes(payloadBytes: number, pk: string, deviceId: string): number {
  return payloadBytes + utf8Length(pk) + utf8Length(deviceId)
}

/** The revision of a row that is there. Null: there is no such record, or it is deleted. */
export function shownRevision(row: FoundRow | undefined): Revision | null {
  return row?.op === 'put' ? { clock: row.stamp.clock, hlc: row.stamp.hlc, opId: row.stamp.opId } : null
}
