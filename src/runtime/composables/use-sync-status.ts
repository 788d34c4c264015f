import { shallowReadonly, shallowReactive } from 'vue'
import type { SyncStatus } from '../core/sync/context/sync-status'
import { afterHydration } from '../app/after-hydration'
import { isSyncOn } from '../app/is-sync-on'
import { firstStatus } from '../app/page-status'
import { useSyncClient } from '../app/sync-client'

/**
 * How sync is doing, reactive. On the server, and in a component that takes over what the server rendered until it is mounted, it is
 * `connecting`; `disabled` where sync is off.
 */
export function useSyncStatus(): Readonly<SyncStatus> {
  const client = useSyncClient()
  const first = shallowReadonly(shallowReactive(firstStatus(client?.isOn ?? isSyncOn())))
  return client ? afterHydration(first, shallowReadonly(client.status)) : first
}
