import Dexie from 'dexie'

/** A query rests for so many times as long as its last run took: however many commits there are, it leaves the database to others most of the time. */
const REST_FACTOR = 4
/** The longest rest, in milliseconds. */
const MAX_REST_MS = 500

/**
 * A querier for `liveQuery` that runs once at a time. Dexie starts it anew for each commit, whether or not the run before has ended:
 * with writes coming fast, hundreds of them would read the same rows, and each write would wait for them.
 *
 * Whoever has waited reads what is there by then. Of those that wait, only the newest runs. `settle` is handed each result: Dexie drops
 * that of a run which a commit has overtaken, and while commits come fast that would be all.
 */
export function pacedQuery<T>(query: () => Promise<T>, settle: (result: T) => void): () => Promise<void> {
  let newest = 0
  // A promise of Dexie's: after any other, Dexie no longer knows whose reads it is to watch.
  let busy: PromiseLike<void> | null = null

  return async () => {
    const turn = ++newest
    while (busy) {
      await busy
      if (turn !== newest) return
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
    settle(result)
  }
}
