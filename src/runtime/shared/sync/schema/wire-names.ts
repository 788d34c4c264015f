import type { SyncSchema, SyncTable } from './sync-schema'

/** A cache, by the `tables` object of a schema, which never changes. */
const TABLES_ON_WIRE = new WeakMap<object, ReadonlyMap<string, SyncTable>>()

/** A schema's tables by wire name. The store and Convex use the same names. */
export function tablesOnWire({ tables }: Pick<SyncSchema, 'tables'>): ReadonlyMap<string, SyncTable> {
  let known = TABLES_ON_WIRE.get(tables)
  if (!known) TABLES_ON_WIRE.set(tables, known = new Map(Object.values(tables).map(table => [table.wireName, table])))
  return known
}
