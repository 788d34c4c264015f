import { copyData } from './copy-data'
import { encodeRow } from './encode-row'
import { ENGINE_COLUMNS } from '../schema/engine-tables'
import type { SyncTable } from '../schema/sync-schema'

/** A row in today's shape, or why it stays as it was. */
export type UpgradedRow = { ok: true, row: Record<string, unknown> } | { ok: false, error: string }

/**
 * Runs a table's `upgradeRow` over a decoded local row of any earlier shape. `row` has none of the engine's columns, and if the function
 * returns some, they are removed, because an upgrade is no edit. It fails if the result cannot replace the row.
 */
export function upgradeRow(table: SyncTable, row: Record<string, unknown>): UpgradedRow {
  if (!table.upgradeRow) return { ok: true, row }
  const failed = (error: string): UpgradedRow => ({ ok: false, error: `upgradeRow of table "${table.name}" ${error}` })
  let result: unknown
  // A copy, so that the row stays as it was if the function changes it and then throws.
  try { result = table.upgradeRow(copyData(row)) }
  catch (error) { return failed(`threw: ${error instanceof Error ? error.message : String(error)}`) }
  if (!isRow(result)) return failed('must return the row as an object, at once')
  const upgraded = withoutColumns(result)
  if (upgraded[table.primaryKey] !== row[table.primaryKey]) return failed(`must not change the primary key "${table.primaryKey}"`)
  try { return { ok: true, row: encodeRow(upgraded, { names: table }).row } }
  catch (error) { return failed(`returned a row that cannot be synced: ${(error as Error).message}`) }
}

/** The row in today's shape, or the same row if the upgrade fails. */
export function upgradedOrSame(table: SyncTable, row: Record<string, unknown>): Record<string, unknown> {
  const upgraded = upgradeRow(table, row)
  return upgraded.ok ? upgraded.row : row
}

function isRow(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && typeof (value as { then?: unknown }).then !== 'function'
}

function withoutColumns(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !ENGINE_COLUMNS.has(key)))
}
