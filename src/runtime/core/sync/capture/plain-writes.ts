import type Dexie from 'dexie'
import type { DBCoreTransaction } from 'dexie'
import type { SyncSchema } from '../../../shared/sync/schema/sync-schema'
import { CAPTURE_LEVEL } from '../records/capture-level'
import { writePlain } from './write-plain'

/** For a page without an engine: checks the app's writes by {@link writePlain}, and captures nothing. Must be called before the database opens. */
export function installPlainWrites(db: Dexie, { tables }: SyncSchema): void {
  db.use({
    stack: 'dbcore', name: 'or3-sync', level: CAPTURE_LEVEL,
    create: core => ({
      ...core,
      table: (name) => {
        const down = core.table(name)
        const table = Object.hasOwn(tables, name) ? tables[name] : undefined
        if (!table) return down
        // What an upgrade of the app's schema writes is not checked here.
        return { ...down, mutate: request => isUpgrade(request.trans) ? down.mutate(request) : writePlain(table, down, request) }
      },
    }),
  })
}

function isUpgrade(trans: DBCoreTransaction): boolean {
  return (trans as unknown as IDBTransaction).mode === 'versionchange'
}
