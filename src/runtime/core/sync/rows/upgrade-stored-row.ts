import { encodeRow } from '../../../shared/sync/rows/encode-row'
import { sameJson } from '../../../shared/sync/rows/same-json'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { upgradeRow } from '../../../shared/sync/rows/upgrade-row'
import { plainRow } from './encode-local-row'
import { columnsOf } from './row-revisions'
import type { StoredRow } from '../records/stored-rows'

export type IsExcluded = (table: SyncTable, row: Record<string, unknown>) => boolean

/**
 * A stored row in today's shape, with its revision unchanged; or why it could not be upgraded. `turnedPrivate`: the row is private now, and was not
 * before the upgrade.
 */
export type StoredUpgrade =
  | { ok: true, row: StoredRow, isChanged: boolean, turnedPrivate: boolean }
  | { ok: false, error: string }

/** Brings a stored row into today's shape, by its table's `upgradeRow`. */
export function upgradeStoredRow(table: SyncTable, row: StoredRow, isExcluded: IsExcluded): StoredUpgrade {
  if (!table.upgradeRow) return { ok: true, row, isChanged: false, turnedPrivate: false }
  const plain = plainRow(row)
  const before = encodedOrNull(plain)
  const upgraded = upgradeRow(table, plain)
  if (!upgraded.ok) return upgraded
  const isChanged = before === null || !sameJson(before, encodeRow(upgraded.row).payload)
  if (!isChanged) return { ok: true, row, isChanged, turnedPrivate: false }
  const today = { ...upgraded.row, ...columnsOf(row) }
  return { ok: true, row: today, isChanged, turnedPrivate: !isExcluded(table, row) && isExcluded(table, today) }
}

/** The row as JSON, with local field names: two rows that are the same on the wire may still have different local names. Null: it cannot be encoded. */
function encodedOrNull(row: Record<string, unknown>) {
  try { return encodeRow(row).payload }
  catch { return null }
}
