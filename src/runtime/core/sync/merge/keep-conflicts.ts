import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { ConflictRecord, ConflictSide } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { conflictId } from '../records/conflict-id'
import { isSameContent } from '../rows/sync-payload-normalizer'
import { sideOf, type RemoteChange } from './remote-change'

/** Makes the conflict between two revisions of one record. Null: both have the same content, so nothing would be lost. */
export function conflictBetween(context: EngineContext, winner: ConflictRecord['winner'], local: ConflictSide, remote: RemoteChange): ConflictRecord | null {
  const { tableName, pk, stamp } = remote
  if (local.op === remote.op && isSame(context.schema.tables[tableName], local, remote)) return null
  return { id: conflictId(tableName, pk, stamp, local), tableName, pk, winner, local, remote: sideOf(remote), detectedAt: context.storeTime() }
}

/** Stores conflicts. One with the same table, key and remote revision is stored only once. @returns the new ones. */
export async function keepConflicts({ db: { sync_conflicts } }: EngineContext, conflicts: readonly ConflictRecord[]): Promise<ConflictRecord[]> {
  if (!conflicts.length) return []
  const known = await sync_conflicts.bulkGet(conflicts.map(conflict => conflict.id))
  const fresh = conflicts.filter((_, index) => !known[index])
  if (fresh.length) await sync_conflicts.bulkAdd(fresh)
  return fresh
}

function isSame(table: SyncTable | undefined, local: ConflictSide, remote: RemoteChange): boolean {
  if (local.op === 'delete') return true
  return !!table && !!local.row && !!remote.payload && isSameContent(table, local.row, remote.payload)
}
