import { ENGINE_COLUMNS } from '../../../shared/sync/schema/engine-tables'
import { findTooDeep, nestedTooDeep } from '../../../shared/sync/rows/find-too-deep'
import { READABLE_MAX_DEPTH } from '../../../shared/sync/protocol/limits'
import { sameJson } from '../../../shared/sync/rows/same-json'
import { sanitizePayload } from '../../../shared/sync/rows/sanitize-payload'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { WirePayload } from '../../../shared/sync/protocol/types'
import { upgradedOrSame, upgradeRow } from '../../../shared/sync/rows/upgrade-row'
import { toLocalRow, validateRow } from '../../../shared/sync/rows/validate-payload'
import { encodeLocalRow } from './encode-local-row'

/**
 * SyncPayloadNormalizer: turns a local row into the payload that is sent (`encode-local-row.ts`), and a received payload into a local row. Local names
 * become names on the wire, values that JSON does not have are tagged, the engine's columns are left out. Fields that the schema does not declare are kept.
 */
export type NormalizedRow =
  | { ok: true, row: Record<string, unknown> }
  /** `isUnreadable`: the payload is nested so deep that recursive code would fail on it. */
  | { ok: false, error: string, row?: Record<string, unknown>, isUnreadable?: true }

/** Whether a stored row and a payload have the same content, in today's shape. False for a row that cannot be sent (an older version stored it). */
export function isSameContent(table: SyncTable, row: Record<string, unknown>, payload: WirePayload): boolean {
  try {
    if (!table.upgradeRow) return sameJson(encodeLocalRow(table, row).payload, payload)
    const theirs = upgradedOrSame(table, toLocalRow(table, payload))
    return sameJson(encodeLocalRow(table, upgradedOrSame(table, row)).payload, encodeLocalRow(table, theirs).payload)
  }
  catch { return false }
}

/** Turns a received payload into a local row of today's shape, and checks it by its table's schema. */
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
