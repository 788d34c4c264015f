import type { SyncTable } from '../../../shared/sync/schema/sync-schema'

/** Names on the wire -> the name under which a database keeps each table's rows, also of tables that the app no longer declares. */
export type TableNames = Readonly<Record<string, string>>

export interface TableMove {
  from: string
  to: string
}

/** Holds the rows of a table that the app no longer declares, and whose name another table has now. No table can be declared under it. */
const PARKED = 'parked:'

/** Where the tables are to be, once the app declares `tables`: what it left out stays in its place, unless another table takes that. */
export function planTableNames(known: TableNames, tables: readonly SyncTable[]): Record<string, string> {
  const taken = new Set(tables.map(({ name }) => name))
  const declared = Object.fromEntries(tables.map(({ name, wireName }) => [wireName, name]))
  const left = Object.entries(known).filter(([wireName]) => !Object.hasOwn(declared, wireName))
    .map(([wireName, name]) => [wireName, taken.has(name) ? PARKED + wireName : name])
  return { ...Object.fromEntries(left), ...declared }
}

/** The tables whose names change: all at once, for they may change places. */
export function tableMoves(known: TableNames, planned: TableNames): TableMove[] {
  return Object.entries(known).map(([wireName, from]) => ({ from, to: planned[wireName]! })).filter(({ from, to }) => from !== to)
}

/** A table that the database keeps under another name than `tables` say: a newer version of the app has renamed it. */
export function findRenamed(known: TableNames, tables: readonly SyncTable[]): TableMove | undefined {
  return tables.map(({ name, wireName }) => ({ from: name, to: Object.hasOwn(known, wireName) ? known[wireName]! : name })).find(({ from, to }) => from !== to)
}
