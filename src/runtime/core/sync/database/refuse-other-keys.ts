import Dexie, { type DexieOptions } from 'dexie'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { SyncSchemaError } from '../../../shared/sync/schema/sync-schema-error'

type KeyPath = string | string[] | null | undefined

/**
 * Lets a database not open whose tables are kept by other keys than the app declares: IndexedDB cannot change them. Dexie does not say
 * which table it is, and where the version stays the same it does not say anything.
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

/** @throws SyncSchemaError where a table is kept by another key than its own. */
export function checkKey({ name, primaryKey }: { name: string, primaryKey: KeyPath }, stored: KeyPath): void {
  if (primaryKey === stored) return
  throw new SyncSchemaError(`table "${name}" has the primaryKey "${String(primaryKey)}", and this device keeps its rows by "${String(stored)}", which IndexedDB cannot change; go back to "${String(stored)}", or declare another table and let a step copy the rows`, { table: name, field: 'primaryKey' })
}

/** As it is, whatever the app declares. */
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
