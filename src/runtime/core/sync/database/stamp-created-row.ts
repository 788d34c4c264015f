import { UPGRADED_HLC } from '../../../shared/sync/protocol/hlc'
import { primaryKeyError } from '../../../shared/sync/protocol/primary-key'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { upgradedStamp } from '../../../shared/sync/protocol/upgraded-stamp'
import { askTable } from '../rows/ask-table'
import { encodeLocalRow } from '../rows/encode-local-row'
import type { OutboxOp } from '../records/engine-records'
import { withColumns } from '../rows/row-revisions'
import type { IsExcluded } from '../rows/upgrade-stored-row'
import type { StoredRow } from '../records/stored-rows'

/** A row that a step created, as it is to be stored, with its op for the outbox. `error`: why it cannot be synced and stays on this device. */
export interface CreatedRow {
  row: StoredRow
  op?: OutboxOp
  isHeld?: boolean
  error?: string
}

/** Gives a row that a step has created its revision. Engine columns that the step copied from another row are dropped. */
export function stampCreatedRow(table: SyncTable, created: StoredRow, isExcluded: IsExcluded): CreatedRow {
  const row = withColumns(created, {})
  const pk = row[table.primaryKey]
  const problem = primaryKeyError(pk)
  if (problem) return { row, error: problem }
  try {
    const { payload, row: taken } = encodeLocalRow(table, row)
    if (isExcluded(table, taken)) return { row: { ...taken, clock: 1, hlc: UPGRADED_HLC } }
    const { clock, hlc, opId } = upgradedStamp(table.wireName, pk as string, payload)
    const isHeld = askTable(table, 'capture', taken) === false
    return { row: { ...taken, clock, hlc, op_id: opId }, op: { pk: pk as string, op: 'put', clock, hlc, opId, base: null }, isHeld }
  }
  catch (error) { return { row, error: (error as Error).message } }
}
