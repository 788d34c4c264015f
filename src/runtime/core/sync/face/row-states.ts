import type { EngineContext } from '../context/engine-context'
import { isOnlyHere, isPrivate } from '../context/exclusion'
import type { Observable } from '../context/sync-status'
import type { RecordFacts, RecordWatch } from './record-watch'
import { decideRowState, isSameState } from './decide-row-state'
import { ABSENT, type RowState } from './row-state'

/** Tells how far single rows are on their way to the store. */
export class RowStates {
  constructor(private readonly options: {
    context: Pick<EngineContext, 'schema' | 'isExcluded' | 'env'>
    watch: RecordWatch
    /** Somebody wants to know which records are in a push under way, in whichever tab. */
    onWatched: () => void
  }) {}

  /**
   * The state of one row of one of the app's tables. It is `absent` until somebody has subscribed and the row was read. It is followed while
   * somebody is subscribed; after that `get` returns the last state that was seen.
   */
  of(tableName: string, pk: string): Observable<RowState> {
    const { context: { env: { log } }, watch, onWatched } = this.options
    let state = ABSENT
    const listeners = new Set<(state: RowState) => void>()
    let unwatch = () => {}
    const take = (facts: RecordFacts) => {
      const next = decideRowState(facts, this.#isPrivate(tableName, facts))
      if (isSameState(next, state)) return
      state = next
      for (const listener of [...listeners]) {
        // An error of a listener must not keep the others from hearing.
        try { listener(next) }
        catch (error) { log.error('A listener to the state of a row threw', error) }
      }
    }
    return {
      get: () => state,
      subscribe: (callback) => {
        // A function of its own for each call: the same callback may subscribe twice.
        const listener = (next: RowState) => callback(next)
        if (!listeners.size) {
          onWatched()
          unwatch = watch.watch([tableName, pk], take)
        }
        listeners.add(listener)
        return () => {
          if (listeners.delete(listener) && !listeners.size) unwatch()
        }
      },
    }
  }

  #isPrivate(tableName: string, { row }: RecordFacts): boolean {
    const { context } = this.options
    return row !== undefined && (isOnlyHere(row) || isPrivate(context, context.schema.tables[tableName]!, row))
  }
}
