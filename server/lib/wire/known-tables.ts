import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { tablesOnWire } from '#or3-sync/shared/sync/schema/wire-names'

/**
 * The table filter of a request as the store gets it: known names only, without repeats, sorted. Undefined if it lets all tables through. So
 * clients that ask for the same tables share what is read, and nobody makes the store search for tables that do not exist.
 */
export function knownTables(asked: readonly string[] | undefined, schema: SyncSchema): readonly string[] | undefined {
  if (!asked) return undefined
  const names = new Set(asked)
  const all = [...tablesOnWire(schema).keys()]
  const known = all.filter(name => names.has(name)).sort()
  return known.length === all.length ? undefined : known
}
