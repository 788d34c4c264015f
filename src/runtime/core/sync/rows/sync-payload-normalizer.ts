import { ENGINE_COLUMNS } from '../../../shared/sync/schema/engine-tables'
import { encodeRow, type EncodedRow } from '../../../shared/sync/rows/encode-row'
import { findTooDeep, nestedTooDeep } from '../../../shared/sync/rows/find-too-deep'
import { READABLE_MAX_DEPTH } from '../../../shared/sync/protocol/limits'
import { sameJson } from '../../../shared/sync/rows/same-json'
import { sanitizePayload } from '../../../shared/sync/rows/sanitize-payload'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { WirePayload } from '../../../shared/sync/protocol/types'
import { upgradedOrSame, upgradeRow } from '../../../shared/sync/rows/upgrade-row'
import { toLocalRow, validateRow } from '../../../shared/sync/rows/validate-payload'

/**
 * SyncPayloadNormalizer: between a local row and what travels. Local names become wire names, values JSON cannot carry are
 * tagged, engine columns stay out; and back. Keys that no schema knows are kept in both directions.
 */
export type NormalizedRow =
  | { ok: true, row: Record<string, unknown> }
  /** `isUnreadable`: nobody should follow its payload down. */
  | { ok: false, error: string, row?: Record<string, unknown>, isUnreadable?: true }

/** See {@link encodeRow}: what is stored and what travels of a row, engine columns in neither. */
export function encodeLocalRow(table: SyncTable, row: Record<string, unknown>): EncodedRow {
  return encodeRow(row, { tableName: table.name, names: table })
}

/** Whether a stored row says what a payload says, both in today's shape. One that cannot travel (an older version stored it) says something else. */
export function isSameContent(table: SyncTable, row: Record<string, unknown>, payload: WirePayload): boolean {
  try {
    if (!table.upgradeRow) return sameJson(encodeLocalRow(table, row).payload, payload)
    const theirs = upgradedOrSame(table, toLocalRow(table, payload))
    return sameJson(encodeLocalRow(table, upgradedOrSame(table, row)).payload, encodeLocalRow(table, theirs).payload)
  }
  catch { return false }
}

/** A received payload as a local row of today's shape, checked by its table's schema. */
export function decodeRemoteRow(table: SyncTable, pk: string, payload: WirePayload | undefined): NormalizedRow {
  if (!payload || typeof payload !== 'object') return { ok: false, error: 'payload: missing' }
  const tooDeep = findTooDeep(payload)
  if (tooDeep !== null && findTooDeep(payload, READABLE_MAX_DEPTH) !== null) return { ok: false, error: `payload: ${nestedTooDeep(tooDeep)}`, isUnreadable: true }
  const row = toLocalRow(table, sanitizePayload(payload))
  for (const column of ENGINE_COLUMNS) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- three fixed names that only the stamp may set
    delete row[column]
  }
  if (row[table.primaryKey] !== pk) return { ok: false, error: `payload.${table.wirePrimaryKey}: must equal the record's key "${pk}"`, row }
  const upgraded = upgradeRow(table, row)
  if (!upgraded.ok) return { ...upgraded, row }
  const problem = tooDeep === null ? validateRow(table, upgraded.row) : `payload: ${nestedTooDeep(tooDeep)}`
  return problem ? { ok: false, error: problem, row: upgraded.row } : { ok: true, row: upgraded.row }
}

/** A stored row without the engine's columns: what the app wrote. */
export function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  const { clock: _clock, hlc: _hlc, op_id: _opId, ...plain } = row
  return plain
}
