import { shallowReadonly, shallowReactive } from 'vue'
import type { SyncStatus } from '../core/sync/context/sync-status'
import { afterHydration } from '../app/after-hydration'
import { isSyncOn } from '../app/is-sync-on'
import { firstStatus } from '../app/page-status'
import { useSyncClient } from '../app/sync-client'

/**
 * The status of sync, reactive. On the server, and until a hydrating component is mounted, the state is `connecting`. With sync off it is
 * `disabled`.
 */
export function useSyncStatus(): Readonly<SyncStatus> {
  const client = useSyncClient()
  const first = shallowReadonly(shallowReactive(firstStatus(client?.isOn ?? isSyncOn())))
  return client ? afterHydration(first, shallowReadonly(client.status)) : first
}
