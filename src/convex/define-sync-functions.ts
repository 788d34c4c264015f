import type { GenericDataModel } from 'convex/server'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { SyncSchemaError } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { CONVEX_ROW_MAX_BYTES } from './convex-limits'
import { defineErase } from './functions/erase'
import { defineExportPage } from './functions/export-page'
import { defineGet } from './functions/get'
import { defineGc } from './functions/gc'
import { defineList } from './functions/list'
import { defineNewEpoch } from './functions/new-epoch'
import { definePull } from './functions/pull'
import { definePush } from './functions/push'
import { defineUpdateDeviceCursor } from './functions/update-device-cursor'
import { defineWatchChanges } from './functions/watch-changes'
import { defineWrite } from './functions/write'
import type { SyncFunctionOptions } from './sync-options'

/**
 * The functions of a deployment that sync, to be exported by one file of the app, `convex/sync.ts`:
 * `export const { push, pull, watchChanges, updateDeviceCursor, gc, erase, exportPage, newEpoch, write, get, list } = defineSyncFunctions({ schema, authorize })`.
 * Those from `gc` on are internal. The app's schema has `...syncTables`.
 *
 * @throws SyncSchemaError for a table whose rows would not fit Convex, or that is materialised and not synced.
 */
export function defineSyncFunctions<DataModel extends GenericDataModel, Tables extends Record<string, StandardSchemaV1>>(options: SyncFunctionOptions<DataModel, Tables>) {
  checkOptions(options)
  return {
    push: definePush(options),
    pull: definePull(options),
    watchChanges: defineWatchChanges(options),
    updateDeviceCursor: defineUpdateDeviceCursor(options),
    gc: defineGc(),
    erase: defineErase(options),
    exportPage: defineExportPage(),
    newEpoch: defineNewEpoch(),
    write: defineWrite(options),
    get: defineGet(),
    list: defineList(),
  }
}

/** What `defineSyncFunctions` returns: `FilterApi` and `ApiFromModules` make function references of it. */
export type SyncFunctions = ReturnType<typeof defineSyncFunctions<GenericDataModel, Record<string, StandardSchemaV1>>>

function checkOptions({ schema, materialize = {} }: { schema: Pick<SyncSchema, 'tables'>, materialize?: object }): void {
  for (const [name, { maxBytes }] of Object.entries(schema.tables)) {
    if (maxBytes <= CONVEX_ROW_MAX_BYTES) continue
    throw new SyncSchemaError(`table "${name}": maxBytes is ${maxBytes}; on Convex a row has at most ${CONVEX_ROW_MAX_BYTES} bytes`, { table: name, field: 'maxBytes' })
  }
  for (const name of Object.keys(materialize)) {
    if (!Object.hasOwn(schema.tables, name)) throw new SyncSchemaError(`materialize names "${name}", which is no table of the schema`, { table: name })
  }
}
