import type { DBCore, DBCoreTable, Dexie, Table, Transaction } from 'dexie'
import { CAPTURE_LEVEL } from './capture-level'

/** Above capture, below the hooks of the app (Dexie's level 2). */
const CAPTURED_LEVEL = CAPTURE_LEVEL + 0.5

type Layer = 'stored' | 'captured'
type CoreTables = (name: string) => DBCoreTable

/** Each database's tables as they are at that place of Dexie's stack. Dexie makes the stack anew each time it opens, or upgrades, a database. */
const layers: Record<Layer, WeakMap<Dexie, CoreTables>> = { stored: new WeakMap(), captured: new WeakMap() }

/** What the app's `hook('reading')`, `mapToClass` and middleware above would do to rows. */
const NO_HOOKS = { reading: { fire: <T>(row: T): T => row } }

/**
 * Makes the app's tables reachable below the app's hooks. Must be called before capture is installed: where levels are the same, Dexie puts
 * what comes first below.
 */
export function installStoredRows(db: Dexie): void {
  const keep = (layer: Layer, level: number) => {
    db.use({
      stack: 'dbcore', name: `or3-sync-${layer}`, level,
      create: (core) => {
        layers[layer].set(db, remembering(core))
        return core
      },
    })
  }
  keep('stored', CAPTURE_LEVEL)
  keep('captured', CAPTURED_LEVEL)
}

/**
 * A table of the app as it is stored: the app's hooks neither see nor change what the engine reads and writes here, and nothing of it is
 * captured. `liveQuery` and other tabs notice it as any other write.
 */
export function storedRows<T>(db: Dexie, name: string): Table<T, string> {
  return below('stored', db, db.table<T, string>(name))
}

/** The same, of the transaction `tx`: while the database is upgraded, only that one can be used. */
export function storedRowsIn<T>(tx: Transaction, name: string): Table<T, string> {
  return below('stored', tx.db, tx.table<T, string>(name))
}

/** For rows that were stored before and become edits again: below the app's hooks as well, which have seen them, but captured. */
export function capturedRows<T>(db: Dexie, name: string): Table<T, string> {
  return below('captured', db, db.table<T, string>(name))
}

function below<T>(layer: Layer, db: Dexie, table: Table<T, string>): Table<T, string> {
  return Object.create(table, {
    // Asked for within a transaction: by then the database is open.
    core: { get: () => layers[layer].get(db)!(table.name) },
    hook: { value: NO_HOOKS },
  }) as Table<T, string>
}

/** Each layer of the stack makes a table anew when it is asked for one. */
function remembering(core: DBCore): CoreTables {
  const tables = new Map<string, DBCoreTable>()
  return (name) => {
    let table = tables.get(name)
    if (!table) tables.set(name, table = core.table(name))
    return table
  }
}
