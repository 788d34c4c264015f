import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { queryIndex } from './query-index'
import type { Slice, SliceKey } from './query-slices'

/** What a query reads: an index of SQLite, and its keys. */
export interface QuerySource {
  /** Null: the table's unique index, whose key is the primary key. */
  index: string | null
  keys: readonly string[]
}

/** A statement that reads a slice of an index, and the values of its first parameters. Two more are the numbers of rows to read and to leave out. */
export interface SliceQuery {
  sql: string
  keys: readonly SliceKey[]
}

export type QueryStatements = (sql: string) => StatementSync

/** Prepares each statement once. Their number is limited by the declared indexes and the forms of slices. */
export function createQueryStatements(db: DatabaseSync): QueryStatements {
  const prepared = new Map<string, StatementSync>()
  return (sql) => {
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, statement = db.prepare(sql))
    return statement
  }
}

/** Null: SQLite has no index that answers such queries. */
export function querySource(table: SyncTable, index: string | null): QuerySource | null {
  if (index === null) return { index: null, keys: ['pk'] }
  const found = queryIndex(table, index)
  return found && { index: found.name, keys: found.keys }
}

/** Undefined: no row can be in the slice. */
export function sliceQuery(table: SyncTable, source: QuerySource, slice: Slice, isReversed: boolean): SliceQuery | undefined {
  const bounds = source.index === null ? primaryBounds(slice) : slice
  if (!bounds) return undefined
  const { equal, lower, upper } = bounds
  return { sql: sliceSql(table, source, bounds, isReversed), keys: [...equal, ...lower === undefined ? [] : [lower], ...upper === undefined ? [] : [upper]] }
}

function sliceSql(table: SyncTable, { index, keys }: QuerySource, { equal, lower, upper }: Slice, isReversed: boolean): string {
  const parameter = index === null ? 'CAST(? AS TEXT)' : '?'
  const rest = keys.slice(equal.length)
  const where = [
    // Constants, because the index is partial: SQLite must see that it has all these rows.
    `workspace = ? AND tbl = '${table.wireName}' AND op = 'put'`,
    ...equal.map((_, at) => `${keys[at]} = ${parameter}`),
    ...lower === undefined ? [] : [`${rest[0]} >= ${parameter}`],
    ...upper === undefined ? [] : [`${rest[0]} <= ${parameter}`],
    // A row without one of the keys is not in the declared index.
    ...rest.slice(1).map(key => `${key} IS NOT NULL`),
  ]
  // Keys that are equal in the whole slice are left out: SQLite would sort again.
  const order = [...rest, ...index === null ? [] : ['pk']].map(key => isReversed ? `${key} DESC` : key)
  const unordered = index === null ? '0' : keys.map(key => `${key} = x'FF'`).join(' OR ')
  return `SELECT tbl, pk, version, op, clock, hlc, op_id, device_id, payload, ${unordered} AS unordered FROM records ${index === null ? '' : `INDEXED BY ${index}`}`
    + ` WHERE ${where.join(' AND ')} ${order.length ? `ORDER BY ${order.join(', ')}` : ''} LIMIT ? OFFSET ?`
}

/** A slice for primary keys, which are stored as TEXT. Undefined: no text is in it. */
function primaryBounds({ equal: [key], lower, upper }: Slice): Slice | undefined {
  if (key !== undefined) return isText(key) ? { equal: [key] } : undefined
  // Numbers and dates are below all texts, arrays above them.
  if (upper !== undefined && !isText(upper)) return undefined
  return { equal: [], ...isText(lower) && { lower }, upper }
}

function isText(key: SliceKey | undefined): key is Uint8Array {
  return key instanceof Uint8Array
}
