import { shallowReadonly, shallowReactive } from 'vue'
import { INITIAL_STATUS, type SyncStatus } from '../core/sync/sync-status'
import { useSyncClient } from '../app/sync-client'

/** How sync is doing, reactive. Without sync (switched off, or on the server) `state` is `disabled`. */
export function useSyncStatus(): Readonly<SyncStatus> {
  return shallowReadonly(useSyncClient()?.status ?? shallowReactive<SyncStatus>({ ...INITIAL_STATUS, state: 'disabled' }))
}
