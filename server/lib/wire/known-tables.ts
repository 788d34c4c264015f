import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { tablesOnWire } from '#or3-sync/shared/sync/schema/wire-names'

/**
 * A filter by table as the store gets it: without names that the schema does not have, without repeats, in one order; undefined where it lets all tables
 * through. So clients that ask for the same tables share what is read for them, and nobody makes the store look for what cannot be there.
 */
export function knownTables(asked: readonly string[] | undefined, schema: SyncSchema): readonly string[] | undefined {
  if (!asked) return undefined
  const names = new Set(asked)
  const all = [...tablesOnWire(schema).keys()]
  const known = all.filter(name => names.has(name)).sort()
  return known.length === all.length ? undefined : known
}
