import { isPutsOnly, NO_BOUND, pageStart, takesRow } from '#or3-sync/shared/sync/store/feed-page'
import type { Walk } from '#or3-sync/shared/sync/store/feed-page'
import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { BackendPull } from '../backend'
import { padTables } from './pad-tables'
import { toRow } from './sqlite-rows'
import type { RecordColumns } from './sqlite-rows'
import type { SqliteStatements } from './sqlite-statements'

/** How many feed entries one page looks at to find rows that pass its filter: some milliseconds. Then the page ends, and the next one continues there. */
export const SCAN_MAX = 40_000

/** The rows of a page, and the version up to which the feed was searched. Call it inside a transaction. */
export function selectRows(sql: SqliteStatements, workspace: number, request: BackendPull): Walk & { rows: RecordRow[] } {
  const descending = request.order === 'desc'
  // A table without records would make the query search the whole feed for nothing.
  const tables = request.tables?.filter(table => sql.anyRecord.get(workspace, table))
  if (tables?.length === 0) return { rows: [], lookedAt: request.cursor, hasMore: false }
  const putsOnly = isPutsOnly(request)
  const from = pageStart(request)
  const end = putsOnly || tables ? scanEnd(sql, workspace, from, descending) : undefined
  const names = padTables(tables ?? [])
  const statement = sql.pull({ descending, putsOnly, tables: names.length })
  const rows: RecordRow[] = []
  let bytes = 0
  let lookedAt = request.cursor
  for (const columns of statement.iterate(workspace, from, end ?? (descending ? 0 : NO_BOUND), ...names, request.limit + 1) as unknown as Iterable<RecordColumns>) {
    const size = rowBytes(Buffer.byteLength(columns.payload ?? ''), columns.pk, columns.device_id)
    if (!takesRow({ rows: rows.length, bytes }, size, request)) return { rows, lookedAt, hasMore: true }
    bytes += size
    rows.push(toRow(columns, columns.payload ?? null))
    lookedAt = columns.version
  }
  return end === undefined ? { rows, lookedAt, hasMore: false } : { rows, lookedAt: end, hasMore: true }
}

/** The last version that this page may look at. Undefined: the feed ends before it. */
function scanEnd(sql: SqliteStatements, workspace: number, from: number, descending: boolean): number | undefined {
  const statement = descending ? sql.scanEndDown : sql.scanEndUp
  return (statement.get(workspace, from, SCAN_MAX - 1) as { version: number } | undefined)?.version
}
