import type { Revision } from '#or3-sync/shared/sync/protocol/revision'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'

/** What one commit wrote, for those who are told of it. */
export interface AppliedRows {
  workspaceId: string
  /** Who pushed, or the `as` of a server's write. Null: a server's write without one. */
  userId: string | null
  /** The final row of each record that changed, with its payload, in the order of versions. Never empty. */
  rows: readonly RecordRow[]
  /** For each of `rows`, the revision of the row that stood there before the commit. Null: there was none, it was deleted, or it is not known. */
  previous: readonly (Revision | null)[]
}

/**
 * The final rows of a pushed batch, in the order of versions. What was applied before (`replayed`) is not among them, and of several ops of one
 * record only the last is.
 */
export function appliedRows(items: readonly PushItem[], results: readonly FoldedResult[]): RecordRow[] {
  const rows = new Map<string, RecordRow>()
  for (const [index, item] of items.entries()) {
    const { success, applied, replayed, serverVersion } = results[index]!
    if (item.kind !== 'op' || !success || !applied || replayed || serverVersion === undefined) continue
    const { tableName, pk, op, payload, stamp } = item
    const key = recordKey(tableName, pk)
    // Deleted first, so that the map stays in the order of versions.
    rows.delete(key)
    rows.set(key, { tableName, pk, serverVersion, op, payload, stamp })
  }
  return [...rows.values()]
}
