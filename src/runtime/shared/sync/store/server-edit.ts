import type { BaseRevision, WirePayload } from '../protocol/types'

/** One edit of the server's own, as a store gets it. It is plain JSON, with the names and values of the wire. */
export interface ServerEdit {
  /** Wire name. */
  tableName: string
  pk: string
  /** Lower-case UUID, new for every edit. A store knows by it that it has written the edit already. */
  opId: string
  /** `update` keeps the fields that it does not name, and needs a row that is there. */
  kind: 'put' | 'update' | 'delete'
  /** For `put` the whole row, for `update` the changed fields. Absent for `delete`. */
  payload?: WirePayload
  /** Only for `update`: the fields that are taken away. */
  removed?: string[]
  /** The revision that the record must have. Null: there must be no record, or a deleted one. Absent: any. */
  expect?: BaseRevision | null
}

/** What the hybrid clock of the server's own edits needs to go on: one for each workspace, stored with it. */
export interface ServerWriter {
  /** HLC node. */
  node: string
  /** The highest HLC that was given out. */
  hlc: string
}
