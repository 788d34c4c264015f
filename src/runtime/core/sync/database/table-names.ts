import type { SyncTable } from '../../../shared/sync/schema/sync-schema'

/** For each table its name on the wire -> the name of its object store, also for tables that the app no longer declares. */
export type TableNames = Readonly<Record<string, string>>

export interface TableMove {
  from: string
  to: string
}

/** Begins the name of a table that the app no longer declares and whose name another table has taken. No table can be declared with such a name. */
const PARKED = 'parked:'

/** The names after an upgrade to `tables`. A table that the app no longer declares keeps its name, unless another table has taken it. */
export function planTableNames(known: TableNames, tables: readonly SyncTable[]): Record<string, string> {
  const taken = new Set(tables.map(({ name }) => name))
  const declared = Object.fromEntries(tables.map(({ name, wireName }) => [wireName, name]))
  const left = Object.entries(known).filter(([wireName]) => !Object.hasOwn(declared, wireName))
    .map(([wireName, name]) => [wireName, taken.has(name) ? PARKED + wireName : name])
  return { ...Object.fromEntries(left), ...declared }
}

/** The tables whose names change. They must be moved together: two of them may swap names. */
export function tableMoves(known: TableNames, planned: TableNames): TableMove[] {
  return Object.entries(known).map(([wireName, from]) => ({ from, to: planned[wireName]! })).filter(({ from, to }) => from !== to)
}

/** The first table that has another name in the database than in `tables`: a newer version of the app has renamed it. Undefined: there is none. */
export function findRenamed(known: TableNames, tables: readonly SyncTable[]): TableMove | undefined {
  return tables.map(({ name, wireName }) => ({ from: name, to: Object.hasOwn(known, wireName) ? known[wireName]! : name })).find(({ from, to }) => from !== to)
}
