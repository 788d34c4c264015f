import Dexie, { type DexieOptions } from 'dexie'
import { ENGINE_FORMAT, ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { SyncSchema } from '../../../shared/sync/schema/sync-schema'
import { DatabaseUpgrade } from './database-upgrade'
import type { EngineDatabase } from '../records/engine-database'
import { forgetFailedOpens } from './forget-failed-opens'
import { refuseOtherKeys } from './refuse-other-keys'
import { noteNames } from './rename-tables'
import { planFieldNames } from './rename-fields'
import { planTableNames } from './table-names'
import type { UpgradeFailure, UpgradeOptions } from './upgrade-rows'
import { installStoredRows } from '../records/stored-rows'

export interface SyncDatabaseOptions {
  /** A promise: the database can be used at once, and its first operations wait until it has a name. */
  name: string | Promise<string>
  schema: SyncSchema
  indexedDB?: DexieOptions['indexedDB']
  IDBKeyRange?: DexieOptions['IDBKeyRange']
  /** Default: rows are nobody else's; what a step creates is not stamped. */
  upgrade?: UpgradeOptions & { onFailures: (failures: UpgradeFailure[]) => void }
}

const UPGRADE_WITHOUT_SYNC: NonNullable<SyncDatabaseOptions['upgrade']> = {
  isExcluded: () => false, captures: () => false, canWrite: () => false, now: () => 0, onFailures: () => {},
}

/** Dexie stores of the engine; beside them each app table has `primaryKey, ...indexes`. */
const ENGINE_STORES: Record<string, string> = {
  [ENGINE_TABLES.pendingOps]: '++id, status',
  [ENGINE_TABLES.tombstones]: '[tableName+pk], deletedAt',
  [ENGINE_TABLES.state]: 'id',
  [ENGINE_TABLES.conflicts]: 'id, detectedAt',
  [ENGINE_TABLES.quarantine]: '[tableName+pk], reason',
  [ENGINE_TABLES.notifications]: 'id, createdAt, read',
}

/** Makes the Dexie database of one user and workspace, not yet open. */
export function createSyncDatabase({ name, schema, indexedDB, IDBKeyRange, upgrade: options = UPGRADE_WITHOUT_SYNC }: SyncDatabaseOptions): EngineDatabase {
  // Given only when handed in: Dexie finds the browser's by itself.
  const browser = indexedDB ? { indexedDB, IDBKeyRange } : {}
  const db = new Dexie(typeof name === 'string' ? name : 'or3-db-unnamed', { ...browser, chromeTransactionDurability: 'default' })
  const stores: Record<string, string> = { ...ENGINE_STORES }
  const tables = Object.values(schema.tables)
  for (const table of tables) stores[table.name] = [table.primaryKey, ...table.indexes].join(', ')

  const upgrade = new DatabaseUpgrade(tables, options)
  for (const step of [...schema.steps].sort((a, b) => a.version - b.version)) {
    db.version(stepVersion(step.version)).stores(stores).upgrade(async tx => await upgrade.step(tx, step.upgrade))
  }
  db.version(dexieVersion(schema.version)).stores(stores).upgrade(async tx => await upgrade.finish(tx))
  db.on('populate', tx => noteNames(tx, { names: planTableNames({}, tables), fields: planFieldNames({}, tables) }))
  installStoredRows(db)
  refuseOtherKeys(db, tables, browser)
  forgetFailedOpens(db)
  if (typeof name !== 'string') openOnceNamed(db, name)
  return db as EngineDatabase
}

/** Dexie opens with the first operation and reads the name only then. Others may ask for it as soon as it is known. */
function openOnceNamed(db: Dexie, name: Promise<string>): void {
  const open = db.open.bind(db)
  const named = name.then(known => void Object.assign(db, { name: known }))
  // Whoever opens the database hears of it.
  named.catch(() => {})
  db.open = () => Dexie.Promise.resolve(named).then(() => open()) as ReturnType<Dexie['open']>
}

/** The app's version and the engine's format rise independently; both must be able to change the stores. */
function dexieVersion(schemaVersion: number): number {
  return stepVersion(schemaVersion) + ENGINE_FORMAT
}

/** A step has a number that no database ever stands at, so that every number Dexie goes through is above the database's own. */
function stepVersion(schemaVersion: number): number {
  return schemaVersion * 100
}

/** `or3-db-<userId>-<workspaceId>`; percent-encoded, so that no two pairs of ids share a name. */
export function databaseName(userId: string, workspaceId: string): string {
  return `${prefixOf(userId)}${encodeId(workspaceId)}`
}

/** Whether a database is one of this user's, of whichever workspace. */
export function isDatabaseOf(userId: string, name: string): boolean {
  return name.startsWith(prefixOf(userId))
}

function prefixOf(userId: string): string {
  return `or3-db-${encodeId(userId)}-`
}

export const LOCAL_DATABASE_NAME = 'or3-db-local'

function encodeId(id: string): string {
  return encodeURIComponent(id).replace(/-/g, '%2D')
}
