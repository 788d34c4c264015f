import { liveQuery } from 'dexie'
import { shallowRef, type ShallowRef } from 'vue'
import { pacedQuery } from './paced-query'
import { createReportedError } from './reported-error'

export type Outcome<T> = { kind: 'value', value: T } | { kind: 'error', error: unknown }

/** What `useLiveQuery` shows: the value, the error and whether it loads. */
export class LiveValue<T> {
  readonly value: ShallowRef<T | undefined>
  /** True until the query has succeeded or failed once. */
  readonly loading = shallowRef(true)
  readonly error = createReportedError()

  constructor(private readonly initial: T | undefined) {
    this.value = shallowRef(initial)
  }

  settle = (outcome: Outcome<T>): void => {
    this.loading.value = false
    if (outcome.kind === 'error') return this.error.set(outcome.error)
    this.error.clear()
    this.value.value = outcome.value
  }

  /** Shows `initial` again. */
  reset(): void {
    this.value.value = this.initial
  }

  /** As before the first result. */
  restart(): void {
    this.reset()
    this.loading.value = true
  }

  /**
   * Runs the query now, and again whenever what it has read from Dexie changes. One run at a time, with pauses in between.
   * @returns a function that ends this.
   */
  follow(query: () => T | Promise<T>, settle = this.settle): () => void {
    // Never called there. It keeps Dexie out of the server's bundle, where Nitro writes a package.json for it by which Node finds no named exports.
    if (import.meta.server) return () => {}
    // Never rejects: Dexie forgets what a rejected querier has read, and would not run it again.
    const run = async (): Promise<Outcome<T>> => {
      try { return { kind: 'value', value: await query() } }
      catch (thrown) { return { kind: 'error', error: thrown } }
    }
    let isFollowed = true
    const next = (outcome: Outcome<T> | undefined) => { if (isFollowed && outcome) settle(outcome) }
    // An error is left out here: the run that follows reports it, so that it is reported once.
    const overtaken = (outcome: Outcome<T>) => { if (outcome.kind === 'value') next(outcome) }
    const subscription = liveQuery(pacedQuery(run, overtaken)).subscribe({ next, error: this.error.set })
    return () => {
      isFollowed = false
      subscription.unsubscribe()
    }
  }
}
