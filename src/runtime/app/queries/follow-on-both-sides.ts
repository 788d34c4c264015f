import { tryUseNuxtApp } from '#app'
import { computed, getCurrentScope, onScopeDispose, watch, type WatchSource } from 'vue'
import { buildQuery, type QueryBuilder } from './build-query'
import { FollowedQuery } from './followed-query'
import type { LiveValue } from './live-value'
import { prefetchAnswer } from './prefetch-answers'
import { useSyncClient } from '../sync-client'

/** Shows the result of a query for both sides in `live`, until the current scope ends. @returns null on the server, and where there is no client */
export function followOnBothSides<T>(live: LiveValue<T>, builder: QueryBuilder<T>, deps: WatchSource<unknown>[]): FollowedQuery<T> | null {
  if (import.meta.server) {
    prefetchAnswer(live, () => buildQuery(builder))
    return null
  }
  const client = useSyncClient()
  if (!client) return null
  const query = new FollowedQuery({ client, live, nuxtApp: tryUseNuxtApp() })
  const built = computed(() => buildQuery(builder))
  watch([client.db, () => built.value.key, ...deps], ([db], [before]) => query.follow(built.value, before !== undefined && db !== before), { immediate: true, flush: 'sync' })
  if (getCurrentScope()) onScopeDispose(() => query.end())
  return query
}
