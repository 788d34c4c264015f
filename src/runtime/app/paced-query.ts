import Dexie from 'dexie'

/** A query rests for so many times as long as its last run took: however many commits there are, it leaves the database to others most of the time. */
const REST_FACTOR = 4
/** The longest rest, in milliseconds. */
const MAX_REST_MS = 500

/**
 * A querier for `liveQuery` that runs once at a time. Dexie starts it anew for each commit, whether or not the run before has ended:
 * with writes coming fast, hundreds of them would read the same rows, and each write would wait for them.
 *
 * Whoever has waited reads what is there by then. Of those that wait, only the newest runs; the others resolve to undefined, which Dexie
 * drops. It drops the result of a run that a commit has overtaken, too, and while commits come fast that would be all: `overtaken` is
 * handed those.
 */
export function pacedQuery<T>(query: () => Promise<T>, overtaken: (result: T) => void): () => Promise<T | undefined> {
  let newest = 0
  // A promise of Dexie's: after any other, Dexie no longer knows whose reads it is to watch.
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
    // Later: within a live query nothing may be written, and whoever hears of a result may write.
    if (turn !== newest) setTimeout(() => overtaken(result))
    return result
  }
}
