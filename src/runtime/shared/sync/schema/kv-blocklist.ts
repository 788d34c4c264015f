import type { SyncTable } from './sync-schema'
import type { WirePayload } from '../protocol/types'

/** Names of rows in the table `kv` that no device sends and no store accepts. Plugins may add names with the filter `sync.kv:blocklist`, but not remove any. */
export const KV_BLOCKLIST: readonly string[] = ['MODELS_CATALOG', 'openrouter_api_key', 'workspace.manager.cache']

/** The table that the blocklist is for, by the name in the app's schema. */
export const KV_TABLE = 'kv'

const NAME = 'name'

/** @returns why a store does not take this payload, or null. */
export function blockedKvProblem(table: SyncTable, payload: WirePayload): string | null {
  if (table.name !== KV_TABLE) return null
  const field = table.toWireName.get(NAME) ?? NAME
  const name = payload[field]
  return typeof name === 'string' && KV_BLOCKLIST.includes(name) ? `payload.${field}: "${name}" stays on its device, no store takes it` : null
}
