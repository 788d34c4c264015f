import type { RecordName } from '../../core/sync/records/record-name'
import { storedRows, type StoredRow } from '../../core/sync/records/stored-rows'
import { recordKey } from '../../shared/sync/protocol/record-key'
import { PAGE_SIZE, type InspectorRow, type RowPage } from './inspector-source'
import { toJsonRow } from './json-row'
import { databaseOf, type SourceParts } from './source-parts'

/** A page of a table's rows, by key. */
export async function readRows(parts: SourceParts, tableName: string, { filter, page }: { filter: string, page: number }): Promise<RowPage> {
  const db = databaseOf(parts)
  const { primaryKey } = parts.schema.tables[tableName]!
  const wanted = filter.trim().toLowerCase()
  const { rows, total } = await db.transaction('r', [tableName], async () => {
    const table = storedRows(db, tableName)
    if (!wanted) return { rows: await table.orderBy(':id').offset(page * PAGE_SIZE).limit(PAGE_SIZE).toArray(), total: await table.count() }
    return await filtered(table.orderBy(':id'), wanted, page)
  })
  const pkOf = (row: StoredRow) => String(row[primaryKey])
  const states = parts.states.of('rows', rows.map((row): RecordName => [tableName, pkOf(row)]))
  return { total, rows: rows.map(row => toRow(row, pkOf(row), states.get(recordKey(tableName, pkOf(row)))?.name ?? 'absent')) }
}

/** One row. Null: there is no such row, or no such table. */
export async function readRow(parts: SourceParts, tableName: string, pk: string): Promise<InspectorRow | null> {
  if (!Object.hasOwn(parts.schema.tables, tableName)) return null
  const db = databaseOf(parts)
  const row = await db.transaction('r', [tableName], () => storedRows(db, tableName).get(pk))
  return row ? toRow(row, pk, parts.states.of('row', [[tableName, pk]]).get(recordKey(tableName, pk))?.name ?? 'absent') : null
}

/** One walk over the table: it may be large, and its JSON is made for each row. */
async function filtered(all: { each: (callback: (row: StoredRow) => void) => PromiseLike<void> }, wanted: string, page: number): Promise<{ rows: StoredRow[], total: number }> {
  const rows: StoredRow[] = []
  let total = 0
  await all.each((row) => {
    if (!JSON.stringify(toJsonRow(row)).toLowerCase().includes(wanted)) return
    if (total >= page * PAGE_SIZE && rows.length < PAGE_SIZE) rows.push(row)
    total++
  })
  return { rows, total }
}

function toRow(row: StoredRow, pk: string, state: InspectorRow['state']): InspectorRow {
  return { pk, clock: row.clock ?? null, hlc: row.hlc ?? null, opId: row.op_id ?? null, state, row: toJsonRow(row) }
}
