import Dexie from 'dexie'

/** After a run, a query rests this many times as long as the run took. So the database is free for others most of the time. */
const REST_FACTOR = 4
/** The longest rest, in milliseconds. */
const MAX_REST_MS = 500

/**
 * Wraps a querier for `liveQuery` so that only one run is active at a time. Dexie starts a run for each commit, even while the last one
 * is still reading. During fast writes hundreds of runs would read the same rows, and each write would wait for them.
 *
 * While one run is active, only the newest of the waiting ones will run; the others resolve to undefined, which Dexie drops. Dexie also
 * drops the result of a run when a commit comes before it ends. During fast writes that would be every result, so `overtaken` gets those.
 */
export function pacedQuery<T>(query: () => Promise<T>, overtaken: (result: T) => void): () => Promise<T | undefined> {
  let newest = 0
  // A Dexie promise: after awaiting any other kind, Dexie loses track of the live query whose reads it has to observe.
  let busy: PromiseLike<void> | null = null

  return async () => {
    const turn = ++newest
    while (busy) {
      await busy
      if (turn !== newest) return undefined
    }
    let free!: () => void
    busy = new Dexie.Promise<void>((resolve) => { free = resolve })
    const startedAt = performance.now()
    const result = await query()
    const restMs = Math.min(REST_FACTOR * (performance.now() - startedAt), MAX_REST_MS)
    setTimeout(() => {
      busy = null
      free()
    }, restMs)
    // In a task of its own: nothing may be written inside a live query, and whoever receives the result may write.
    if (turn !== newest) setTimeout(() => overtaken(result))
    return result
  }
}
