import type { StatementSync } from 'node:sqlite'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'

/** A line of `workspaces`. */
export interface WorkspaceRow {
  id: number
  version: number
  gc_floor: number
  /** A `CommitHistory` as text. */
  commits: string | null
  /** Deletions written before this were forgotten, in epoch milliseconds. */
  purged_before: number | null
  /** Only its version is left, under another name. */
  erased?: boolean
}

/** A line of `records`. */
export interface RecordColumns {
  tbl: string
  pk: string
  version: number
  op: 'put' | 'delete'
  clock: number
  hlc: string
  op_id: string
  device_id: string
  /** Only where one record is looked up. */
  id?: number
  collected?: number
  /** Only in pages. */
  payload?: string | null
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

/** A row whose payload is read only where an answer needs it, and once: most pushes compare revisions and nothing else. */
export function lazyRow(columns: RecordColumns, payload: StatementSync): RecordRow {
  const row = toRow(columns, null)
  row.collected = columns.collected === 1
  Object.defineProperty(row, 'payload', {
    enumerable: true,
    configurable: true,
    get() {
      const value = (payload.get(columns.id!)?.payload ?? null) as string | null
      Object.defineProperty(row, 'payload', { value })
      return value
    },
  })
  return row
}
