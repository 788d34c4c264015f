import { liveQuery } from 'dexie'
import { onScopeDispose, getCurrentScope, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import { pacedQuery } from '../app/paced-query'
import { createReportedError } from '../app/reported-error'
import { useSyncClient } from '../app/sync-client'

export interface LiveQueryOptions<T> {
  /** The value until the first result, and on the server. Default: undefined. */
  initial?: T
}

/** The result as a ref, with two more refs on it. In a template take those out first: `const { error, loading } = todos`. */
export interface LiveQuery<T> extends Readonly<ShallowRef<T>> {
  /**
   * What the querier threw, itself; null again after the next good run. Errors that nobody reads here go to the console, and to the
   * window's event `error`.
   */
  readonly error: Readonly<ShallowRef<Error | null>>
  /** True until the querier has ended once, well or badly, for this database and these `deps`; always true on the server. */
  readonly loading: Readonly<ShallowRef<boolean>>
}

type Deps = WatchSource<unknown>[] | WatchSource<unknown>

type Outcome<T> = { kind: 'value', value: T } | { kind: 'error', error: unknown }

/**
 * A ref that follows Dexie: the querier runs again whenever rows that it read have changed, in whatever tab, and when one of
 * `deps` or the database itself changes. While changes come fast, it runs once at a time, and rests in between (at most 500 ms).
 * One that throws leaves the last value, sets `error`, and is run again in the same way.
 * With another database (a sign-in, a switch of workspace) the value is `initial` until the first result.
 */
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps?: Deps): LiveQuery<T | undefined>
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps: Deps | undefined, options: { initial: T }): LiveQuery<T>
export function useLiveQuery<T>(querier: () => T | Promise<T>, deps: Deps = [], { initial }: LiveQueryOptions<T> = {}): LiveQuery<T | undefined> {
  const value = shallowRef<T | undefined>(initial)
  const loading = shallowRef(true)
  const error = createReportedError()
  const query = Object.assign(value, { error: error.ref, loading })
  const client = useSyncClient()
  if (!client) return query

  // Dexie forgets what a querier has read that rejects, and never runs it again: so ours never does.
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
    // What went wrong in a run that was overtaken is told by the run that comes after it, once.
    const overtaken = (outcome: Outcome<T>) => { if (outcome.kind === 'value') next(outcome) }
    const subscription = liveQuery(pacedQuery(run, overtaken)).subscribe({ next, error: error.set })
    stop = () => {
      isFollowed = false
      subscription.unsubscribe()
    }
  }
  watch([client.db, ...Array.isArray(deps) ? deps : [deps]], ([db], [before]) => {
    // Rows of one user, or of one workspace, are not another's to see.
    if (before && db !== before) value.value = initial
    follow()
  }, { immediate: true, flush: 'sync' })
  if (getCurrentScope()) onScopeDispose(() => stop())
  return query
}
