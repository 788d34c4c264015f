import type { SyncTable } from '../../shared/sync/sync-schema'
import type { SyncHooks } from './sync-hooks'

/** What the `or3` preset never sends of its `kv` table; plugins may add by the filter `sync.kv:blocklist`, never remove. */
export const KV_BLOCKLIST: readonly string[] = ['MODELS_CATALOG', 'openrouter_api_key', 'workspace.manager.cache']

/** The table the blocklist speaks of. */
const KV_TABLE = 'kv'

/** Decides which rows stay on this device: their table's `exclude`, and for `kv` the blocklist. */
export function createExclusion(hooks: SyncHooks): (table: SyncTable, row: Record<string, unknown>) => boolean {
  return (table, row) => {
    if (table.exclude && (table.exclude as (row: Record<string, unknown>) => boolean)(row)) return true
    if (table.name !== KV_TABLE || typeof row.name !== 'string') return false
    return KV_BLOCKLIST.includes(row.name) || hooks.applyFilters('sync.kv:blocklist', [...KV_BLOCKLIST]).includes(row.name)
  }
}

/** Whether a table's rows are looked at again before they are sent. */
export function asksAgain(table: SyncTable): boolean {
  return table.capture !== undefined || table.exclude !== undefined || table.name === KV_TABLE
}
