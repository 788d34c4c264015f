import { liveQuery } from 'dexie'
import { onScopeDispose, getCurrentScope, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import { pacedQuery } from '../app/paced-query'
import { createReportedError } from '../app/reported-error'
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

type Outcome<T> = { kind: 'value', value: T } | { kind: 'error', error: unknown }

/**
 * A ref that follows Dexie. The querier runs again when rows that it read have changed, in any tab, and when one of `deps` or the database
 * itself changes. While changes come fast, it runs one at a time, with pauses of at most 500 ms in between.
 * When it throws, the last value stays, `error` is set, and it runs again at the next change.
 * After a sign-in or a switch of workspace the value is `initial` until the first result.
 */
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps?: LiveQueryDeps): LiveQuery<T | undefined>
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps: LiveQueryDeps | undefined, options: { initial: T }): LiveQuery<T>
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps: LiveQueryDeps = [], { initial }: LiveQueryOptions<T> = {}): LiveQuery<T | undefined> {
  const value = shallowRef<T | undefined>(initial)
  const loading = shallowRef(true)
  const error = createReportedError()
  const query = Object.assign(value, { error: error.ref, loading })
  const client = useSyncClient()
  if (!client) return query

  // Never rejects: Dexie forgets what a rejected querier has read, and would not run it again.
  const run = async (): Promise<Outcome<T>> => {
    try { return { kind: 'value', value: await querier() } }
    catch (thrown) { return { kind: 'error', error: thrown } }
  }
  const settle = (outcome: Outcome<T>) => {
    loading.value = false
    if (outcome.kind === 'error') return error.set(outcome.error)
    error.clear()
    value.value = outcome.value
  }
  let stop = () => {}
  const follow = () => {
    stop()
    loading.value = true
    let isFollowed = true
    const next = (outcome: Outcome<T> | undefined) => { if (isFollowed && outcome) settle(outcome) }
    // An error is left out here: the run that follows reports it, so that it is reported once.
    const overtaken = (outcome: Outcome<T>) => { if (outcome.kind === 'value') next(outcome) }
    const subscription = liveQuery(pacedQuery(run, overtaken)).subscribe({ next, error: error.set })
    stop = () => {
      isFollowed = false
      subscription.unsubscribe()
    }
  }
  watch([client.db, ...Array.isArray(deps) ? deps : [deps]], ([db], [before]) => {
    // Another user or workspace must not see the rows of the one before.
    if (before && db !== before) value.value = initial
    follow()
  }, { immediate: true, flush: 'sync' })
  if (getCurrentScope()) onScopeDispose(() => stop())
  return query
}
