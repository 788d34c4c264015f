import { SyncError } from '../../../shared/sync/protocol/errors'
import { KV_BLOCKLIST, KV_TABLE } from '../../../shared/sync/schema/kv-blocklist'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { askTable } from '../rows/ask-table'
import type { SyncHooks } from './sync-hooks'

/**
 * Decides which rows stay on this device: their table's `exclude`, and for `kv` the blocklist.
 *
 * @throws SyncError `VALIDATION_ERROR` when `exclude` or a listener of the blocklist throws: whether the row may leave is not known then.
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

/** Whether a stored row is this device's own. Where its `exclude` throws it stays what it was when it was written: own rows have no op id. */
export function isPrivate({ isExcluded }: { isExcluded: ReturnType<typeof createExclusion> }, table: SyncTable, row: Record<string, unknown> & { op_id?: string }): boolean {
  try { return isExcluded(table, row) }
  catch { return isOnlyHere(row) }
}

/** Whether a stored row is one that nobody else was ever sent: it was private when it was written, and has not been written since. */
export function isOnlyHere({ op_id }: { op_id?: string }): boolean {
  return op_id === undefined
}

/** Whether a table's rows are looked at again before they are sent. */
export function asksAgain(table: SyncTable): boolean {
  return table.capture !== undefined || table.exclude !== undefined || table.name === KV_TABLE
}
