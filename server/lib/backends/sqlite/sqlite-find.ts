import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { PlanReader } from '../plan-reader'
import { queryIndex } from './query-index'
import { toSlices } from './query-slices'
import type { Slice, SliceKey } from './query-slices'
import { toRow } from './sqlite-rows'
import type { RecordColumns } from './sqlite-rows'

/** SQLite's result code for a statement that cannot be prepared: here, because the index that it names is not there (yet). */
const SQL_ERROR = 1

/** What a query reads: an index of SQLite, and its keys. */
interface Source {
  /** Null: the table's unique index, whose key is the primary key. */
  index: string | null
  keys: readonly string[]
}

/** Statements that read slices, by their text. Their number is limited by the declared indexes and the forms of slices. */
export type FindStatements = (sql: string) => StatementSync

export function createFindStatements(db: DatabaseSync): FindStatements {
  const prepared = new Map<string, StatementSync>()
  return (sql) => {
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, statement = db.prepare(sql))
    return statement
  }
}

/**
 * Answers a query from an index. Call it inside a transaction. `workspace` undefined: nobody has written to the workspace.
 *
 * @returns null: no index can answer it
 */
export function findRows(statements: FindStatements, workspace: number | undefined, table: SyncTable, plan: QueryPlan): { value: unknown } | null {
  const source: Source | null = plan.index === null ? { index: null, keys: ['pk'] } : sourceOf(table, plan.index)
  const slices = source && toSlices(plan.range, source.keys.length)
  if (!slices) return null
  const reader = new PlanReader(table, plan)
  if (workspace === undefined) return { value: reader.answer() }
  try {
    for (const slice of plan.isReversed ? slices.reverse() : slices) {
      const taken = readSlice(statements, { workspace, table, plan, source, slice, reader })
      if (taken === 'unordered') return null
    }
  }
  catch (error) {
    if ((error as { errcode?: unknown }).errcode === SQL_ERROR) return null
    throw error
  }
  return { value: reader.answer() }
}

function sourceOf(table: SyncTable, index: string): Source | null {
  const found = queryIndex(table, index)
  return found && { index: found.name, keys: found.keys }
}

interface Read { workspace: number, table: SyncTable, plan: QueryPlan, source: Source, slice: Slice, reader: PlanReader }

/** @returns `unordered`: the slice has keys whose order SQLite does not know */
function readSlice(statements: FindStatements, { workspace, table, plan, source, slice, reader }: Read): 'read' | 'unordered' {
  if (reader.isFull) return 'read'
  const bounds = source.index === null ? primaryBounds(slice) : slice
  if (!bounds) return 'read'
  const { equal, lower, upper } = bounds
  const values = [...equal, ...lower === undefined ? [] : [lower], ...upper === undefined ? [] : [upper]]
  const statement = statements(sliceSql(table, source, bounds, plan.isReversed))
  for (const columns of statement.iterate(workspace, ...values) as unknown as Iterable<RecordColumns & { unordered: number | null }>) {
    if (columns.unordered) return 'unordered'
    reader.take(toRow(columns, columns.payload ?? null))
    if (reader.isFull) break
  }
  return 'read'
}

function sliceSql(table: SyncTable, { index, keys }: Source, { equal, lower, upper }: Slice, isReversed: boolean): string {
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
    + ` WHERE ${where.join(' AND ')} ${order.length ? `ORDER BY ${order.join(', ')}` : ''}`
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
