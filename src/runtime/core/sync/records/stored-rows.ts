import type { DBCore, DBCoreTable, Dexie, Table, Transaction } from 'dexie'
import { CAPTURE_LEVEL } from './capture-level'

/** Above capture, and below the app's hooks (Dexie's level 2). */
const CAPTURED_LEVEL = CAPTURE_LEVEL + 0.5

/** A row of the app as it is stored here: with the engine's columns, where it has them. */
export type StoredRow = Record<string, unknown> & { clock?: number, hlc?: string, op_id?: string }

type Layer = 'stored' | 'captured'
type CoreTables = (name: string) => DBCoreTable

/** For each database its tables below capture (`stored`) and below the app's hooks (`captured`). Set at each open, because Dexie then builds its stack again. */
const layers: Record<Layer, WeakMap<Dexie, CoreTables>> = { stored: new WeakMap(), captured: new WeakMap() }

/** Takes the place of the app's `hook('reading')` and `mapToClass`, so that rows come as they are stored. */
const NO_HOOKS = { reading: { fire: <T>(row: T): T => row } }

/**
 * Gives the engine a way to the app's tables below the app's hooks. Must be called before capture is installed: of middlewares with the same
 * level, Dexie puts the first one lowest.
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
 * A table of the app, below capture and below the app's hooks: what the engine reads and writes here is neither captured nor changed by a hook.
 * `liveQuery` and other tabs notice these writes like any other.
 */
export function storedRows(db: Dexie, name: string): Table<StoredRow, string> {
  return below('stored', db, db.table(name))
}

/** The same, for an upgrade of the database: there only tables of its transaction `tx` can be used. */
export function storedRowsIn(tx: Transaction, name: string): Table<StoredRow, string> {
  return below('stored', tx.db, tx.table(name))
}

/** A table of the app, below the app's hooks but above capture. For stored rows that become edits again: the hooks have seen them already. */
export function capturedRows(db: Dexie, name: string): Table<StoredRow, string> {
  return below('captured', db, db.table(name))
}

function below(layer: Layer, db: Dexie, table: Table<StoredRow, string>): Table<StoredRow, string> {
  return Object.create(table, {
    // Read within a transaction only, so the database is open and `layers` has an entry.
    core: { get: () => layers[layer].get(db)!(table.name) },
    hook: { value: NO_HOOKS },
  }) as Table<StoredRow, string>
}

/** Asks for each table once: Dexie's layers build a new table object at every call. */
function remembering(core: DBCore): CoreTables {
  const tables = new Map<string, DBCoreTable>()
  return (name) => {
    let table = tables.get(name)
    if (!table) tables.set(name, table = core.table(name))
    return table
  }
}
