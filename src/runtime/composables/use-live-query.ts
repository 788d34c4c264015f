import { onScopeDispose, getCurrentScope, watch, type ShallowRef, type WatchSource } from 'vue'
import type { QueryBuilder, QueryResult, WithArgument } from '../app/queries/build-query'
import { followLive } from '../app/queries/follow-live'
import { followOnBothSides } from '../app/queries/follow-on-both-sides'
import { LiveValue } from '../app/queries/live-value'
import { useSyncClient } from '../app/sync-client'

export interface LiveQueryOptions<T> {
  /** The value before the first result, and on the server. Default: undefined. */
  initial?: T
}

/** The result as a ref, with two more refs on it. In a template take those out first: `const { error, loading } = todos`. */
export interface LiveQuery<T> extends Readonly<ShallowRef<T>> {
  /**
   * The error that the querier threw; null again after the next successful run. While nobody reads this ref, errors go to the console and
   * to the window's `error` event.
   */
  readonly error: Readonly<ShallowRef<Error | null>>
  /** True until the querier has succeeded or failed once for the current database and `deps`. Always true on the server. */
  readonly loading: Readonly<ShallowRef<boolean>>
}

/** What a querier depends on beside the rows that it reads. */
export type LiveQueryDeps = WatchSource<unknown>[] | WatchSource<unknown>

/**
 * A ref that follows Dexie, in two forms.
 *
 * **A function** without an argument: `useLiveQuery(() => getDb().todos.toArray())`. It runs again when rows that it read have changed, in any tab,
 * and when one of `deps` or the database itself changes. While changes come fast, it runs one at a time, with pauses of at most 500 ms in between. When
 * it throws, the last value stays, `error` is set, and it runs again at the next change. On the server the value is `initial`.
 *
 * **A query for both sides**, with an argument: `useLiveQuery(q => q.todos.where('list_id').equals(list.value).limit(50))`. The server answers it while it
 * renders the page, and the page has its rows at once. Refs that it reads are followed without `deps`. It may return null for no query.
 *
 * After a sign-in or a switch of workspace the value is `initial` until the first result.
 */
export function useLiveQuery<B extends QueryBuilder<unknown>>(querier: WithArgument<B>, deps?: LiveQueryDeps): LiveQuery<QueryResult<B> | undefined>
export function useLiveQuery<B extends QueryBuilder<unknown>>(querier: WithArgument<B>, deps: LiveQueryDeps | undefined, options: { initial: QueryResult<B> }): LiveQuery<QueryResult<B>>
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps?: LiveQueryDeps): LiveQuery<T | undefined>
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps: LiveQueryDeps | undefined, options: { initial: T }): LiveQuery<T>
export function useLiveQuery<T>(querier: (() => T | Promise<T>) | QueryBuilder<T>, deps: LiveQueryDeps = [], { initial }: LiveQueryOptions<T> = {}): LiveQuery<T | undefined> {
  if (import.meta.client && !getCurrentScope()) useSyncClient()?.log.info(OUTSIDE_SETUP)
  const live = new LiveValue(initial)
  const sources = Array.isArray(deps) ? deps : [deps]
  if (isBuilder(querier)) followOnBothSides(live, querier, sources)
  else followFunction(live, querier, sources)
  return Object.assign(live.value, { error: live.error.ref, loading: live.loading })
}

const OUTSIDE_SETUP = 'useLiveQuery() was called outside of a component\'s setup, so nobody ends it, and each call adds another query. Call it in setup; in an event handler or a function read once instead: await getDb().….toArray().'

function isBuilder<T>(querier: (() => T | Promise<T>) | QueryBuilder<T>): querier is QueryBuilder<T> {
  return querier.length > 0
}

function followFunction<T>(live: LiveValue<T>, querier: () => T | Promise<T>, deps: WatchSource<unknown>[]): void {
  // Said by the build, so that the server's bundle has nothing of Dexie.
  if (import.meta.server) return
  const client = useSyncClient()
  if (!client) return
  let stop = () => {}
  watch([client.db, ...deps], ([db], [before]) => {
    // Another user or workspace must not see the rows of the one before.
    if (before && db !== before) live.reset()
    stop()
    live.loading.value = true
    stop = followLive(live, querier)
  }, { immediate: true, flush: 'sync' })
  if (getCurrentScope()) onScopeDispose(() => stop())
}
