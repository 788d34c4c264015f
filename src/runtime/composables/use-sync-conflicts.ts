import type { Ref } from 'vue'
import type { ConflictRecord } from '../core/sync/records/engine-records'
import type { SyncConflicts } from '../core/sync/face/sync-conflicts'
import { SyncError } from '../shared/sync/protocol/errors'
import { useSyncClient } from '../app/sync-client'
import { useLiveQuery } from './use-live-query'

export interface UseSyncConflicts {
  /** Newest first, each with both sides. They are kept for 30 days. */
  conflicts: Readonly<Ref<ConflictRecord[]>>
  /** Writes the losing side back as a new edit. */
  restore: (id: string) => Promise<void>
  dismiss: (id: string) => Promise<void>
}

/** The conflicts of this device: two edits of a record, neither of which knew the other. */
export function useSyncConflicts(): UseSyncConflicts {
  const client = useSyncClient()
  const conflicts = (): SyncConflicts => {
    const engine = client?.engine.value
    if (!engine) throw new SyncError('SYNC_DISABLED', 'sync is off: there are no conflicts')
    return engine.conflicts
  }
  return {
    conflicts: useLiveQuery<ConflictRecord[]>(async () => await client?.engine.value?.conflicts.list() ?? [], [], { initial: [] }),
    restore: async id => await conflicts().restore(id),
    dismiss: async id => await conflicts().dismiss(id),
  }
}
