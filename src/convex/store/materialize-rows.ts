import type { GenericDatabaseWriter } from 'convex/server'
import type { GenericId, Value } from 'convex/values'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { SyncSchema, SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import type { ChangeStamp, WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { upgradedOrSame } from '#or3-sync/shared/sync/rows/upgrade-row'
import { toLocalRow } from '#or3-sync/shared/sync/rows/validate-payload'
import { tablesOnWire } from '#or3-sync/shared/sync/schema/wire-names'
import type { SyncWriter } from './sync-data-model'
import { toConvexValue } from './to-convex-value'

/** What is known of a table of the app's own: its record's place and its index. */
interface AppDataModel {
  [table: string]: {
    document: { _id: GenericId<string>, [field: string]: Value }
    fieldPaths: string
    indexes: { by_record: ['workspace_id', string, '_creationTime'] }
    searchIndexes: Record<never, never>
    vectorIndexes: Record<never, never>
  }
}

/** A row that the app's table does not take. */
export interface RefusedRow {
  /** The revision that was refused. */
  stamp: ChangeStamp
  /** What to tell its device. */
  error: string
}

export interface Materialization {
  schema: Pick<SyncSchema, 'tables'>
  /** Synced table -> table of the app's own. */
  targets: Readonly<Record<string, string | undefined>> | undefined
  workspaceId: string
  writes: readonly RecordRow[]
}

/**
 * Makes the app's own tables equal to what the batch writes. Running it again with fewer rows is harmless. Rows of a table that is in the
 * schema no more (an erasure meets them) have nothing of the app's that follows them.
 *
 * @returns the rows that the app's table does not take, by record key.
 */
export async function materializeRows(db: SyncWriter, { schema, targets, workspaceId, writes }: Materialization): Promise<Map<string, RefusedRow>> {
  const refused = new Map<string, RefusedRow>()
  if (!targets) return refused
  // The app's tables: of their types nothing is known here, and `db` has them all the same.
  const appTables = db as unknown as GenericDatabaseWriter<AppDataModel>
  await Promise.all(writes.map(async (row) => {
    const table = tablesOnWire(schema).get(row.tableName)
    const target = table && Object.hasOwn(targets, table.name) ? targets[table.name] : undefined
    if (!table || target === undefined) return
    // The table belongs to the app, so a key may stand there more than once.
    const standing = appTables.query(target).withIndex('by_record', q => q.eq('workspace_id', workspaceId).eq(table.primaryKey, row.pk))
    if (row.payload === null) {
      await Promise.all((await standing.collect()).map(({ _id }) => appTables.delete(_id)))
      return
    }
    const refuse = (error: string) => refused.set(recordKey(row.tableName, row.pk), { stamp: row.stamp, error: `payload: ${error}` })
    const [found, another] = await standing.take(2)
    if (another) {
      refuse(`the Convex table "${target}" holds this key more than once; it must hold it once`)
      return
    }
    // The app's validator may be narrower than the synced schema, and Convex narrower than JSON. Then this row is refused, and the others go on.
    try {
      const fields = toFields(table, row.payload, workspaceId)
      await (found ? appTables.replace(found._id, fields) : appTables.insert(target, fields))
    }
    catch { refuse(`the Convex table "${target}" does not take this row`) }
  }))
  return refused
}

function toFields(table: SyncTable, payload: string, workspaceId: string) {
  const today = upgradedOrSame(table, toLocalRow(table, JSON.parse(payload) as WirePayload))
  // What was JSON, with dates and bytes turned into what Convex stores. Of the rest Convex itself says whether it is a value.
  const row = toConvexValue(today) as Record<string, Value>
  return { ...row, workspace_id: workspaceId }
}
