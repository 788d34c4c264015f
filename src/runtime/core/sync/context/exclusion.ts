import { SyncError } from '../../../shared/sync/protocol/errors'
import { KV_BLOCKLIST, KV_TABLE } from '../../../shared/sync/schema/kv-blocklist'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { askTable } from '../rows/ask-table'
import type { SyncHooks } from './sync-hooks'

/**
 * Makes the function that decides whether a row is private, that is, stays on this device: by its table's `exclude`, and for `kv` also by the
 * blocklist.
 *
 * The function throws SyncError `VALIDATION_ERROR` if `exclude` or a listener of the blocklist fails. The row must not be sent then.
 */
export function createExclusion(hooks: SyncHooks): (table: SyncTable, row: Record<string, unknown>) => boolean {
  return (table, row) => {
    if (askTable(table, 'exclude', row)) return true
    if (table.name !== KV_TABLE || typeof row.name !== 'string') return false
    return KV_BLOCKLIST.includes(row.name) || readBlocklist(hooks).includes(row.name)
  }
}

function readBlocklist(hooks: SyncHooks): string[] {
  try { return hooks.applyFilters('sync.kv:blocklist', [...KV_BLOCKLIST]) }
  catch (cause) {
    throw new SyncError('VALIDATION_ERROR', `a listener of the filter sync.kv:blocklist failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Whether a stored row is private now. If its `exclude` throws, the row counts as what it was when it was written. */
export function isPrivate({ isExcluded }: { isExcluded: ReturnType<typeof createExclusion> }, table: SyncTable, row: Record<string, unknown> & { op_id?: string }): boolean {
  try { return isExcluded(table, row) }
  catch { return isOnlyHere(row) }
}

/** Whether a stored row was private when it was last written: then it has no op id, and was never sent. */
export function isOnlyHere({ op_id }: { op_id?: string }): boolean {
  return op_id === undefined
}

/** Whether a table's rows have to be read again before they are sent, because `capture` or `exclude` may decide otherwise by then. */
export function asksAgain(table: SyncTable): boolean {
  return table.capture !== undefined || table.exclude !== undefined || table.name === KV_TABLE
}
