import type { RecordRow, FoundRow } from '#or3-sync/shared/sync/store/record-row'

/** A row of the table `workspaces`. */
export interface WorkspaceRow {
  id: number
  version: number
  gc_floor: number
  /** A `CommitHistory` as text. */
  commits: string | null
  /** Deletions written before this were forgotten, in epoch milliseconds. */
  purged_before: number | null
  /** The highest HLC of the server's own writes. It names their node, too. Null: there were none. */
  hand: string | null
  /** True: the workspace was erased. Only its version is left, under another name. */
  erased?: boolean
}

/** A row of the table `records`. */
export interface RecordColumns {
  tbl: string
  pk: string
  version: number
  op: 'put' | 'delete'
  clock: number
  hlc: string
  op_id: string
  device_id: string
  /** Only in pages. */
  payload?: string | null
}

/** A row of the table `records` with its payload, looked up by its key. */
export interface WholeColumns extends RecordColumns {
  collected: number
  payload: string | null
}

/** A row of the table `records`, looked up by its key. */
export interface FoundColumns extends RecordColumns {
  id: number
  collected: number
  /** UTF-8 bytes of the payload; null for a delete. */
  bytes: number | null
}

export function toRow(columns: RecordColumns, payload: string | null): RecordRow {
  return {
    tableName: columns.tbl,
    pk: columns.pk,
    serverVersion: columns.version,
    op: columns.op,
    payload,
    stamp: { deviceId: columns.device_id, opId: columns.op_id, hlc: columns.hlc, clock: columns.clock },
  }
}

/** A record that a push looks up. Its payload is read later, and only if an answer needs it. */
export function toFoundRow(columns: FoundColumns): FoundRow {
  const { payload, ...row } = toRow(columns, null)
  row.collected = columns.collected === 1
  return columns.bytes === null ? { ...row, payload } : { ...row, payloadBytes: columns.bytes }
}

export function toWholeRow(columns: WholeColumns): RecordRow {
  return { ...toRow(columns, columns.payload), collected: columns.collected === 1 }
}
