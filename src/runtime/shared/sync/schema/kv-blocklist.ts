import type { SyncTable } from './sync-schema'
import type { WirePayload } from '../protocol/types'

/** What no device sends of its `kv` table, and no store takes. Plugins may add by the filter `sync.kv:blocklist`, never remove. */
export const KV_BLOCKLIST: readonly string[] = ['MODELS_CATALOG', 'openrouter_api_key', 'workspace.manager.cache']

/** The table the blocklist speaks of, by its declared name. */
export const KV_TABLE = 'kv'

const NAME = 'name'

/** @returns why a store does not take this payload, or null. */
export function blockedKvProblem(table: SyncTable, payload: WirePayload): string | null {
  if (table.name !== KV_TABLE) return null
  const field = table.toWireName.get(NAME) ?? NAME
  const name = payload[field]
  return typeof name === 'string' && KV_BLOCKLIST.includes(name) ? `payload.${field}: "${name}" stays on its device, no store takes it` : null
}
