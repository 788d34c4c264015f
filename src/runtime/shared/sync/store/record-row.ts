import type { ChangeStamp, SyncOperation } from '../protocol/types'
import { utf8Length } from '../protocol/utf8-length'

/** The latest revision of one record as a store holds it: the payload stays the text that came in. */
export interface RecordRow {
  tableName: string
  pk: string
  serverVersion: number
  op: SyncOperation
  /** JSON text; null for a delete, and where a reply left it out. */
  payload: string | null
  stamp: ChangeStamp
  /** A tombstone that left the feed. Its revision still beats older puts. */
  collected?: boolean
}

/** The latest revision of a record that is not deleted, before its payload has been read. */
export interface UnreadRow extends Omit<RecordRow, 'payload'> {
  /** UTF-8 bytes of the payload. */
  payloadBytes: number
}

/** A row as a store hands it to `planPush`: most pushes compare revisions and need no payload. */
export type FoundRow = RecordRow | UnreadRow

export function isUnread(row: FoundRow): row is UnreadRow {
  return !('payload' in row)
}

/** What a row counts for in a page: the UTF-8 bytes of what may be long in it. The same in every store. */
export function rowBytes(payloadBytes: number, pk: string, deviceId: string): number {
  return payloadBytes + utf8Length(pk) + utf8Length(deviceId)
}
