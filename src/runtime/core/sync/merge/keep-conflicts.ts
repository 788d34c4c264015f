import type { ConflictRecord, ConflictSide } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { conflictId } from '../records/conflict-id'
import { isSameContent } from '../rows/sync-payload-normalizer'
import { sideOf, type RemoteChange } from './remote-change'

/** Two edits of one record that did not know each other. */
export interface MetEdits {
  winner: ConflictRecord['winner']
  local: ConflictSide
  remote: RemoteChange
}

/**
 * Called wherever two edits meet that did not know each other. Keeps both sides as a conflict, unless they have the same content. There is one
 * conflict for each remote revision. Must run in the transaction in which the edits met.
 *
 * @returns the new conflicts.
 */
export async function keepConflicts(context: EngineContext, met: readonly MetEdits[]): Promise<ConflictRecord[]> {
  const { sync_conflicts } = context.db
  const conflicts = met.flatMap(edits => isSame(context, edits) ? [] : [conflictOf(context, edits)])
  if (!conflicts.length) return []
  const known = await sync_conflicts.bulkGet(conflicts.map(conflict => conflict.id))
  const fresh = conflicts.filter((_, index) => !known[index])
  if (fresh.length) await sync_conflicts.bulkAdd(fresh)
  return fresh
}

function conflictOf(context: EngineContext, { winner, local, remote }: MetEdits): ConflictRecord {
  const { tableName, pk, stamp } = remote
  return { id: conflictId(tableName, pk, stamp, local), tableName, pk, winner, local, remote: sideOf(remote), detectedAt: context.storeTime() }
}

/** Whether both sides have the same content, so that nothing would be lost. */
function isSame({ schema }: EngineContext, { local, remote }: MetEdits): boolean {
  if (local.op !== remote.op) return false
  if (local.op === 'delete') return true
  const table = schema.tables[remote.tableName]
  return !!table && !!local.row && !!remote.payload && isSameContent(table, local.row, remote.payload)
}
