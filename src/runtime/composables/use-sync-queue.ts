import { computed, type Ref } from 'vue'
import type { FailedExport, SyncQueue, SyncQueueItem } from '../core/sync/face/sync-queue'
import { SyncError } from '../shared/sync/protocol/errors'
import { useSyncClient } from '../app/sync-client'
import { useLiveQuery } from './use-live-query'

export interface UseSyncQueue {
  /** Edits that the store has not acknowledged yet, oldest first. */
  pending: Readonly<Ref<SyncQueueItem[]>>
  /** Edits that were refused for good (the dead letters), with the reason. */
  failed: Readonly<Ref<SyncQueueItem[]>>
  /** Sends one refused edit again; without an id, all of them. */
  retry: (id?: string) => Promise<void>
  /** Gives up a refused edit. The row becomes what the store has. */
  discard: (id: string) => Promise<void>
  /** The refused edits with their rows, to be saved elsewhere. */
  exportFailed: () => Promise<FailedExport[]>
}

const NOTHING: { pending: SyncQueueItem[], failed: SyncQueueItem[] } = { pending: [], failed: [] }

/** The outbox of this device: what waits to be sent, and what was refused. */
export function useSyncQueue(): UseSyncQueue {
  const client = useSyncClient()
  const queue = (): SyncQueue => {
    const engine = client?.engine.value
    if (!engine) throw new SyncError('SYNC_DISABLED', 'sync is off: there is no queue')
    return engine.queue
  }
  const items = useLiveQuery(async () => await client?.engine.value?.queue.all() ?? NOTHING, [], { initial: NOTHING })
  return {
    pending: computed(() => items.value.pending),
    failed: computed(() => items.value.failed),
    retry: async id => await queue().retry(id),
    discard: async id => await queue().discard(id),
    exportFailed: async () => await queue().exportFailed(),
  }
}
