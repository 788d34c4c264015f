import { ENGINE_COLUMNS } from '../../../shared/sync/engine-tables'
import { sanitizePayload } from '../../../shared/sync/sanitize-payload'
import type { SyncTable } from '../../../shared/sync/sync-schema'
import type { WirePayload } from '../../../shared/sync/types'
import { upgradeRow } from '../../../shared/sync/upgrade-row'
import { toLocalRow, validateRow } from '../../../shared/sync/validate-payload'
import { encodeRow, type EncodedRow } from '../../../shared/sync/wire-values'

/**
 * SyncPayloadNormalizer: between a local row and what travels. Local names become wire names, values JSON cannot carry are
 * tagged, engine columns stay out; and back. Keys that no schema knows are kept in both directions.
 */
export type NormalizedRow = { ok: true, row: Record<string, unknown> } | { ok: false, error: string, row?: Record<string, unknown> }

/** @throws SyncError `VALIDATION_ERROR` naming the path of a value that cannot travel. */
export function encodeLocalRow(table: SyncTable, row: Record<string, unknown>): EncodedRow {
  return encodeRow(row, ENGINE_COLUMNS, table.toWireName)
}

/** A received payload as a local row of today's shape, checked by its table's schema. */
export function decodeRemoteRow(table: SyncTable, pk: string, payload: WirePayload | undefined): NormalizedRow {
  if (!payload || typeof payload !== 'object') return { ok: false, error: 'payload: missing' }
  const row = toLocalRow(table, sanitizePayload(payload))
  for (const column of ENGINE_COLUMNS) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- three fixed names that only the stamp may set
    delete row[column]
  }
  if (row[table.primaryKey] !== pk) return { ok: false, error: `payload.${table.wirePrimaryKey}: must equal the record's key "${pk}"`, row }
  const upgraded = upgradeRow(table, row)
  if (!upgraded.ok) return { ...upgraded, row }
  const problem = validateRow(table, upgraded.row)
  return problem ? { ok: false, error: problem, row: upgraded.row } : { ok: true, row: upgraded.row }
}

/** A stored row without the engine's columns: what the app wrote. */
export function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  const { clock: _clock, hlc: _hlc, op_id: _opId, ...plain } = row
  return plain
}
