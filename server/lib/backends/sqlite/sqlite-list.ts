import { takesRow } from '#or3-sync/shared/sync/store/feed-page'
import { keyRange } from '#or3-sync/shared/sync/store/key-order'
import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { BackendList, RowList } from '../backend'
import { toRow } from './sqlite-rows'
import type { RecordColumns } from './sqlite-rows'
import type { SqliteStatements } from './sqlite-statements'

/** The rows of a table whose keys are asked for. One statement, so all rows are from one snapshot. */
export function listRows(sql: SqliteStatements, workspace: number, request: BackendList): RowList {
  const { lower, includesLower, upper } = keyRange(request)
  const statement = sql.list({ descending: request.order === 'desc', includesLower, hasUpper: upper !== undefined })
  const bounds = upper === undefined ? [lower] : [lower, upper]
  const rows: RecordRow[] = []
  let bytes = 0
  for (const columns of statement.iterate(workspace, request.tableName, ...bounds, request.limit + 1) as unknown as Iterable<RecordColumns>) {
    const size = rowBytes(Buffer.byteLength(columns.payload ?? ''), columns.pk, columns.device_id)
    if (!takesRow({ rows: rows.length, bytes }, size, request)) return { rows, hasMore: true }
    bytes += size
    rows.push(toRow(columns, columns.payload ?? null))
  }
  return { rows, hasMore: false }
}
