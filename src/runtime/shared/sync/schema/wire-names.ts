import type { SyncSchema, SyncTable } from './sync-schema'

/** By the `tables` of a schema: they never change once they are declared. */
const TABLES_ON_WIRE = new WeakMap<object, ReadonlyMap<string, SyncTable>>()

/** A schema's tables by their names on the wire, which are also those in the store and on Convex. */
export function tablesOnWire({ tables }: Pick<SyncSchema, 'tables'>): ReadonlyMap<string, SyncTable> {
  let known = TABLES_ON_WIRE.get(tables)
  if (!known) TABLES_ON_WIRE.set(tables, known = new Map(Object.values(tables).map(table => [table.wireName, table])))
  return known
}
