import { liveQuery } from 'dexie'
import type { LiveValue, Outcome } from './live-value'
import { explainQueryError } from '../explain/explain-query-error'
import { useSyncClient } from '../sync-client'
import { pacedQuery } from './paced-query'

/**
 * Runs the query now, and again whenever what it has read from Dexie changes. One run at a time, with pauses in between. In browsers only: a
 * server's bundle must not import Dexie.
 *
 * `settle`: takes each outcome. Default: `live` shows it.
 * @returns a function that ends this.
 */
export function followLive<T>(live: LiveValue<T>, query: () => T | Promise<T>, settle = live.settle): () => void {
  // Never rejects: Dexie forgets what a rejected querier has read, and would not run it again.
  const run = async (): Promise<Outcome<T>> => {
    try { return { kind: 'value', value: await query() } }
    catch (thrown) {
      const log = useSyncClient()?.log
      if (log) explainQueryError(thrown, log)
      return { kind: 'error', error: thrown }
    }
  }
  let isFollowed = true
  const next = (outcome: Outcome<T> | undefined) => { if (isFollowed && outcome) settle(outcome) }
  // An error is left out here: the run that follows reports it, so that it is reported once.
  const overtaken = (outcome: Outcome<T>) => { if (outcome.kind === 'value') next(outcome) }
  const subscription = liveQuery(pacedQuery(run, overtaken)).subscribe({ next, error: live.error.set })
  return () => {
    isFollowed = false
    subscription.unsubscribe()
  }
}
