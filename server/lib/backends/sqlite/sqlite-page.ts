import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import type { BackendPull, FeedPage } from '../backend'
import { padTables } from './pad-tables'
import { toRow } from './sqlite-rows'
import type { RecordColumns } from './sqlite-rows'
import type { SqliteStatements } from './sqlite-statements'

/**
 * Entries of the feed that a page looks at for rows that its filter lets through: some milliseconds. Then it ends, and the next one goes on
 * there.
 */
export const SCAN_MAX = 40_000

/** The bound of a walk that has none: above every version. */
const NO_BOUND = Number.MAX_SAFE_INTEGER

/** Reads the rows of a page. To be called inside a transaction. */
export function fillPage(sql: SqliteStatements, page: FeedPage, workspace: number, request: BackendPull): void {
  const descending = request.order === 'desc'
  // What has no rows at all need not be looked for in the whole feed.
  const tables = request.tables?.filter(table => sql.anyRecord.get(workspace, table))
  if (tables?.length === 0) return
  const putsOnly = descending || request.bootstrap
  const from = descending && request.cursor === 0 ? NO_BOUND : request.cursor
  const end = putsOnly || tables ? scanEnd(sql, workspace, from, descending) : undefined
  const names = padTables(tables ?? [])
  const statement = sql.pull({ descending, putsOnly, tables: names.length })
  let bytes = 0
  for (const columns of statement.iterate(workspace, from, end ?? (descending ? 0 : NO_BOUND), ...names, request.limit + 1) as unknown as Iterable<RecordColumns>) {
    const size = rowBytes(Buffer.byteLength(columns.payload ?? ''), columns.pk, columns.device_id)
    if (page.rows.length >= request.limit || (page.rows.length > 0 && bytes + size > request.maxBytes)) {
      page.hasMore = true
      return
    }
    bytes += size
    page.rows.push(toRow(columns, columns.payload ?? null))
    page.nextCursor = columns.version
  }
  if (end === undefined) return
  page.nextCursor = end
  page.hasMore = true
}

/** The last version that a page may look at; undefined: the feed ends before. */
function scanEnd(sql: SqliteStatements, workspace: number, from: number, descending: boolean): number | undefined {
  const statement = descending ? sql.scanEndDown : sql.scanEndUp
  return (statement.get(workspace, from, SCAN_MAX - 1) as { version: number } | undefined)?.version
}
