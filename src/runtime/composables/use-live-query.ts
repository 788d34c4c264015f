import { liveQuery } from 'dexie'
import { onScopeDispose, getCurrentScope, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import { useSyncClient } from '../app/sync-client'

export interface LiveQueryOptions<T> {
  /** The value until the first result, and on the server. Default: undefined. */
  initial?: T
}

/**
 * A ref that follows Dexie: the querier runs again whenever rows that it read have changed, in whatever tab, and when one of
 * `deps` or the database itself changes. A querier that throws leaves the last value and reports the error.
 */
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps?: WatchSource<unknown>[] | WatchSource<unknown>): Readonly<ShallowRef<T | undefined>>
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps: WatchSource<unknown>[] | WatchSource<unknown> | undefined, options: { initial: T }): Readonly<ShallowRef<T>>
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps: WatchSource<unknown>[] | WatchSource<unknown> = [], { initial }: LiveQueryOptions<T> = {}): Readonly<ShallowRef<T | undefined>> {
  const value = shallowRef<T | undefined>(initial)
  const client = useSyncClient()
  if (!client) return value

  let stop = () => {}
  const follow = () => {
    stop()
    const subscription = liveQuery(querier).subscribe({
      next: (result) => { value.value = result },
      error: reportError,
    })
    stop = () => subscription.unsubscribe()
  }
  watch([client.db, ...Array.isArray(deps) ? deps : [deps]], follow, { immediate: true, flush: 'sync' })
  if (getCurrentScope()) onScopeDispose(() => stop())
  return value
}
