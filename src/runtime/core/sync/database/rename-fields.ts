import type { Transaction } from 'dexie'
import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import { sameJson } from '../../../shared/sync/rows/same-json'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { ConflictRecord, OutboxRecord } from '../records/engine-records'
import { eachChunk } from '../rows/row-revisions'
import { storedRowsIn } from '../records/stored-rows'

type Row = Record<string, unknown>

/** For each table (by its name on the wire): name of a field here -> its name on the wire. Only fields with two names are in it. */
type FieldMaps = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The field names that the database has after an upgrade to `tables`. Those of tables that the app no longer declares are kept. */
export function planFieldNames(known: FieldMaps, tables: readonly SyncTable[]): Record<string, Record<string, string>> {
  return Object.fromEntries([...Object.entries(known), ...tables.map(({ wireName, fields }) => [wireName, fields] as const)].map(([name, fields]) => [name, { ...fields }]))
}

/**
 * Renames fields whose local name has changed: in rows, conflicts and the dead letter. A field keeps its name on the wire, so that tells which
 * old name belongs to which new one.
 */
export async function renameFields(tx: Transaction, tables: readonly SyncTable[], known: FieldMaps): Promise<void> {
  const renames = new Map(tables.filter(({ wireName, fields }) => !sameJson(known[wireName] ?? {}, fields)).map(table => [table.name, renamer(known[table.wireName] ?? table.fields, table)]))
  if (!renames.size) return
  for (const table of tables) {
    const rename = renames.get(table.name)
    if (rename) await eachChunk(tx, table, async rows => void await storedRowsIn(tx, table.name).bulkPut(rows.map(rename).filter(row => row !== null)))
  }
  const renameIn = (tableName: string, holder: { row?: Row } | undefined) => {
    if (holder?.row) holder.row = renames.get(tableName)?.(holder.row) ?? holder.row
  }
  await tx.table<ConflictRecord>(ENGINE_TABLES.conflicts).toCollection().modify((record) => {
    renameIn(record.tableName, record.local)
    renameIn(record.tableName, record.remote)
  })
  await tx.table<OutboxRecord>(ENGINE_TABLES.pendingOps).toCollection().modify(record => renameIn(record.tableName, record.failure))
}

/** @returns a function that returns the row with the new field names, or null if nothing changes. */
function renamer(before: Readonly<Record<string, string>>, { toLocalName }: SyncTable): (row: Row) => Row | null {
  return (row) => {
    const renamed: Row = {}
    const ranks: Record<string, number> = {}
    let isChanged = false
    for (const key of Object.keys(row)) {
      const wireName = Object.hasOwn(before, key) ? before[key]! : key
      const name = toLocalName.get(wireName) ?? wireName
      isChanged ||= name !== key
      // Two old fields may get the same new name. The one that was sent as this field wins; if both were, the one that the app declared.
      const rank = (toLocalName.has(wireName) ? 2 : 0) + (Object.hasOwn(before, key) ? 1 : 0)
      if (Object.hasOwn(renamed, name) && rank < ranks[name]!) continue
      renamed[name] = row[key]
      ranks[name] = rank
    }
    return isChanged ? renamed : null
  }
}
