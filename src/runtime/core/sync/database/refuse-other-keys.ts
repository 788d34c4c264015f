import Dexie, { type DexieOptions } from 'dexie'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { SyncSchemaError } from '../../../shared/sync/schema/sync-schema-error'

type KeyPath = string | string[] | null | undefined

/**
 * Refuses to open a database in which a table has another primary key than the app declares. IndexedDB cannot change a key. Dexie's own error does
 * not name the table, and if the schema's version is the same, Dexie reports nothing at all.
 */
export function refuseOtherKeys(db: Dexie, tables: readonly SyncTable[], options: DexieOptions): void {
  db.on('ready', (ready) => {
    for (const table of tables) checkKey(table, (ready as Dexie).table(table.name).core.schema.primaryKey.keyPath)
  }, true)
  const open = db.open.bind(db)
  db.open = () => open().catch(async (error: Error) => {
    if (error.name === 'UpgradeError') await checkStored(new Dexie(db.name, options), tables)
    throw error
  }) as ReturnType<Dexie['open']>
}

/** @throws SyncSchemaError if the stored key is not the declared one. */
export function checkKey({ name, primaryKey }: { name: string, primaryKey: KeyPath }, stored: KeyPath): void {
  if (primaryKey === stored) return
  throw new SyncSchemaError(`table "${name}" has the primaryKey "${String(primaryKey)}", and this device keeps its rows by "${String(stored)}", which IndexedDB cannot change; go back to "${String(stored)}", or declare another table and let a step copy the rows`, { table: name, field: 'primaryKey' })
}

/** Opens the database as it is stored, without the app's schema, and checks its keys. */
async function checkStored(db: Dexie, tables: readonly SyncTable[]): Promise<void> {
  try {
    await db.open()
    for (const table of tables) {
      const stored = db.tables.find(({ name }) => name === table.name)
      if (stored) checkKey(table, stored.schema.primKey.keyPath)
    }
  }
  finally { db.close() }
}
