import type { Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { WirePayload } from '#or3-sync/shared/sync/protocol/types'
import type { ChangedInfo, RowRevision } from '#or3-sync/shared/sync/rows/row-change'
import { toStoredRow } from '#or3-sync/shared/sync/rows/stored-row'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { tablesOnWire } from '#or3-sync/shared/sync/schema/wire-names'
import type { AppliedRows } from './applied-rows'

/** What listeners are told of a commit: declared names, and rows as devices have them. */
export function toChangedInfo({ workspaceId, userId, rows, previous }: AppliedRows, schema: SyncSchema): ChangedInfo {
  const tables = tablesOnWire(schema)
  const changes = rows.flatMap(({ tableName, pk, op, payload, stamp, serverVersion }, index): ChangedInfo['changes'] => {
    const table = tables.get(tableName)
    if (!table) return []
    const change = { table: table.name, pk, revision: toRowRevision(stamp), previous: toRowRevision(previous[index]), serverVersion }
    if (op === 'delete' || payload === null) return [{ ...change, operation: 'delete', row: null }]
    const row = toStoredRow(table, JSON.parse(payload) as WirePayload, stamp) as ChangedRow
    return [{ ...change, operation: 'put', row }]
  })
  return { workspaceId, userId, changes }
}

type ChangedRow = NonNullable<ChangedInfo['changes'][number]['row']>

function toRowRevision(revision: Revision): RowRevision
function toRowRevision(revision: Revision | null | undefined): RowRevision | null
function toRowRevision(revision: Revision | null | undefined): RowRevision | null {
  return revision ? { clock: revision.clock, hlc: revision.hlc } : null
}
