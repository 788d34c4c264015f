import { diffRows } from '../../app/diff-rows'
import type { UseSyncConflicts } from '../../composables/use-sync-conflicts'
import type { ConflictRecord } from '../../core/sync/records/engine-records'
import type { SyncConflictSlot } from '../slot-types'

/**
 * What the user can choose in a conflict. The side that has won stands in the table already, so keeping it only dismisses the conflict. Keeping the other
 * one writes it back as a new edit.
 */
export function conflictChoice(conflict: ConflictRecord, { restore, dismiss }: Pick<UseSyncConflicts, 'restore' | 'dismiss'>): SyncConflictSlot {
  const { id, winner, local, remote } = conflict
  const keep = (side: ConflictRecord['winner']) => async () => await (side === winner ? dismiss(id) : restore(id))
  const canKeep = (side: ConflictRecord['winner']) => side === winner || conflict[side].op === 'delete' || conflict[side].row !== undefined
  return {
    conflict,
    fields: diffRows(local.row, remote.row),
    canKeepMine: canKeep('local'),
    canKeepTheirs: canKeep('remote'),
    keepMine: keep('local'),
    keepTheirs: keep('remote'),
  }
}
