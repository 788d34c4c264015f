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
  /** With a promise the database can be used at once; its operations wait for the name. */
  name: string | Promise<string>
  schema: SyncSchema
  indexedDB?: DexieOptions['indexedDB']
  IDBKeyRange?: DexieOptions['IDBKeyRange']
  /** Default: as without a session, so rows that a step creates get no revision. */
  upgrade?: UpgradeOptions & { onFailures: (failures: UpgradeFailure[]) => void }
}

const UPGRADE_WITHOUT_SYNC: NonNullable<SyncDatabaseOptions['upgrade']> = {
  isExcluded: () => false, captures: () => false, canWrite: () => false, now: () => 0, onFailures: () => {},
}

/** The engine's own tables, in Dexie's notation. The app's tables are `primaryKey, ...indexes`. */
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
  // Without these options Dexie uses the browser's IndexedDB.
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

/** Lets `open` wait for the name, and sets it. Dexie opens at the first operation, and reads the name only then. */
function openOnceNamed(db: Dexie, name: Promise<string>): void {
  const open = db.open.bind(db)
  const named = name.then(known => void Object.assign(db, { name: known }))
  // If the name never comes, `open` rejects. Without this line it would also be an unhandled rejection.
  named.catch(() => {})
  db.open = () => Dexie.Promise.resolve(named).then(() => open()) as ReturnType<Dexie['open']>
}

/** Both a new version of the app's schema and a new format of the engine must raise Dexie's version. */
function dexieVersion(schemaVersion: number): number {
  return stepVersion(schemaVersion) + ENGINE_FORMAT
}

/** Steps have versions of their own (300), just below the database's (301). So each step is above the database's version of before (201), and Dexie runs it. */
function stepVersion(schemaVersion: number): number {
  return schemaVersion * 100
}

/** `or3-db-<userId>-<workspaceId>`. Both ids are percent-encoded, also their hyphens, so that no two pairs of ids have the same name. */
export function databaseName(userId: string, workspaceId: string): string {
  return `${prefixOf(userId)}${encodeId(workspaceId)}`
}

/** Whether a name is that of a database of this user, for any workspace. */
export function isDatabaseOf(userId: string, name: string): boolean {
  return name.startsWith(prefixOf(userId))
}

function prefixOf(userId: string): string {
  return `or3-db-${encodeId(userId)}-`
}

/** The database of a user who is not signed in. */
export const LOCAL_DATABASE_NAME = 'or3-db-local'

function encodeId(id: string): string {
  return encodeURIComponent(id).replace(/-/g, '%2D')
}
