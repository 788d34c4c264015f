import { isPutsOnly, NO_BOUND, pageStart, takesRow } from '#or3-sync/shared/sync/store/feed-page'
import type { Walk } from '#or3-sync/shared/sync/store/feed-page'
import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { BackendPull } from '../backend'
import { padTables } from './pad-tables'
import { toRow } from './sqlite-rows'
import type { RecordColumns } from './sqlite-rows'
import type { SqliteStatements } from './sqlite-statements'

/**
 * Entries of the feed that a page looks at for rows that its filter lets through: some milliseconds. Then it ends, and the next one goes on
 * there.
 */
export const SCAN_MAX = 40_000

/** The rows of a page, and how far the feed was looked at for them. To be called inside a transaction. */
export function selectRows(sql: SqliteStatements, workspace: number, request: BackendPull): Walk & { rows: RecordRow[] } {
  const descending = request.order === 'desc'
  // What has no rows at all need not be looked for in the whole feed.
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

/** The last version that a page may look at; undefined: the feed ends before. */
function scanEnd(sql: SqliteStatements, workspace: number, from: number, descending: boolean): number | undefined {
  const statement = descending ? sql.scanEndDown : sql.scanEndUp
  return (statement.get(workspace, from, SCAN_MAX - 1) as { version: number } | undefined)?.version
}
