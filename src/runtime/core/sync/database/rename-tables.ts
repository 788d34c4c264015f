import type { PromiseExtended, Transaction } from 'dexie'
import { ENGINE_TABLES } from '../../../shared/sync/engine-tables'
import type { SyncTable } from '../../../shared/sync/sync-schema'
import type { CursorState, StateRecord, TableNamesState } from './engine-records'
import { moveStores } from './move-stores'
import { renameRecords } from './rename-records'
import { planTableNames, tableMoves, type TableNames } from './table-names'

/** Brings the rows of tables that the app has renamed, and all that is kept of them, under their new names. */
export async function renameTables(tx: Transaction, tables: readonly SyncTable[]): Promise<void> {
  const known = await readTableNames(tx, tables)
  const planned = planTableNames(known, tables)
  const moves = tableMoves(known, planned)
  if (moves.length) {
    moveStores(tx.idbtrans, moves, tables.map(({ name }) => name))
    await renameRecords(tx, moves)
  }
  await noteTableNames(tx, planned)
}

/** Its promise is Dexie's own: where a database is made, Dexie itself looks after it, also when that is cut off. */
export function noteTableNames(tx: Transaction, names: TableNames): PromiseExtended<string> {
  return tx.table<StateRecord, string>(ENGINE_TABLES.state).put({ id: 'table-names', names: { ...names } })
}

/** A database that never noted them was made by an engine to which each table had one name. */
async function readTableNames(tx: Transaction, tables: readonly SyncTable[]): Promise<TableNames> {
  const state = tx.table<StateRecord, string>(ENGINE_TABLES.state)
  const noted = await state.get('table-names') as TableNamesState | undefined
  if (noted) return noted.names
  const cursor = await state.get('cursor') as CursorState | undefined
  const stores = tx.idbtrans.db.objectStoreNames
  const names = [...cursor?.tables ?? [], ...Object.keys(cursor?.epochs ?? {}), ...tables.map(({ wireName }) => wireName)]
  return Object.fromEntries(names.filter(name => stores.contains(name)).map(name => [name, name]))
}
