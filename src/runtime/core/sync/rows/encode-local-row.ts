import { encodeRow, type EncodedRow } from '../../../shared/sync/rows/encode-row'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'

/** The row to store and the payload to send, both without the engine's columns. See {@link encodeRow}. */
export function encodeLocalRow(table: SyncTable, row: Record<string, unknown>): EncodedRow {
  return encodeRow(row, { tableName: table.name, names: table })
}

/** A stored row without the engine's columns, as the app wrote it. */
export function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  const { clock: _clock, hlc: _hlc, op_id: _opId, ...plain } = row
  return plain
}
