import { shallowReadonly, shallowReactive, toRefs, type Ref } from 'vue'
import type { SyncStatus } from '../core/sync/context/sync-status'
import { afterHydration } from '../app/after-hydration'
import { isSyncOn } from '../app/is-sync-on'
import { firstStatus } from '../app/page-status'
import { useSyncClient } from '../app/sync-client'

/** Each field of the status as a ref. */
export type SyncStatusRefs = { readonly [Field in keyof SyncStatus]: Readonly<Ref<SyncStatus[Field]>> }

/**
 * The status of sync, reactive. On the server, and until a hydrating component is mounted, the state is `connecting`. With sync off it is
 * `disabled`.
 *
 * Read its fields where they are needed: `status.state`. A field that is taken out (`const { state } = useSyncStatus()`) is a value of that
 * moment and is not followed; for that there is `useSyncStatusRefs`.
 */
export function useSyncStatus(): Readonly<SyncStatus> {
  const client = useSyncClient()
  const first = shallowReadonly(shallowReactive(firstStatus(client?.isOn ?? isSyncOn())))
  return client ? afterHydration(first, shallowReadonly(client.status)) : first
}

/** The same as `useSyncStatus`, to be destructured: `const { state, pendingCount } = useSyncStatusRefs()`. Each field is a ref that is followed. */
export function useSyncStatusRefs(): SyncStatusRefs {
  return toRefs(useSyncStatus())
}
