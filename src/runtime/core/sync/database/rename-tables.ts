import type { PromiseExtended, Transaction } from 'dexie'
import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { CursorState, StateRecord, TableNamesState } from '../records/engine-records'
import { moveStores } from './move-stores'
import { planFieldNames, renameFields } from './rename-fields'
import { renameRecords } from './rename-records'
import { planTableNames, tableMoves } from './table-names'

/** Renames the tables and fields that the app has renamed, in rows and in the records of the engine. */
export async function renameTables(tx: Transaction, tables: readonly SyncTable[]): Promise<void> {
  const { names, fields = {} } = await readNames(tx, tables)
  const planned = planTableNames(names, tables)
  const moves = tableMoves(names, planned)
  if (moves.length) {
    moveStores(tx.idbtrans, moves, tables.map(({ name }) => name))
    await renameRecords(tx, moves)
  }
  await renameFields(tx, tables, fields)
  await noteNames(tx, { names: planned, fields: planFieldNames(fields, tables) })
}

/** Stores the names. It returns Dexie's own promise: in `populate`, a native one would be an unhandled rejection if the open is aborted. */
export function noteNames(tx: Transaction, names: Omit<TableNamesState, 'id'>): PromiseExtended<string> {
  return tx.table<StateRecord, string>(ENGINE_TABLES.state).put({ id: 'table-names', ...names })
}

/** The stored names. If there are none, an older engine made the database, for which local names and names on the wire were the same. */
async function readNames(tx: Transaction, tables: readonly SyncTable[]): Promise<Omit<TableNamesState, 'id'>> {
  const state = tx.table<StateRecord, string>(ENGINE_TABLES.state)
  const noted = await state.get('table-names') as TableNamesState | undefined
  if (noted) return noted
  const cursor = await state.get('cursor') as CursorState | undefined
  const stores = tx.idbtrans.db.objectStoreNames
  const names = [...cursor?.tables ?? [], ...Object.keys(cursor?.epochs ?? {}), ...tables.map(({ wireName }) => wireName)]
  return { names: Object.fromEntries(names.filter(name => stores.contains(name)).map(name => [name, name])) }
}
