import type { Observable } from '../context/sync-status'
import { ABSENT, type RowState } from './row-state'

/** The state of a row while the code that reads it is on its way. `absent` until that is here and the row was read. */
export function lateRowState(coming: () => Promise<Observable<RowState>>): Observable<RowState> {
  let arrived: Promise<Observable<RowState>> | null = null
  let real: Observable<RowState> | null = null
  return {
    get: () => real?.get() ?? ABSENT,
    subscribe(callback) {
      let end: (() => void) | null = () => {}
      void (arrived ??= coming()).then((state) => {
        real = state
        if (end) end = state.subscribe(callback)
      })
      return () => {
        end?.()
        end = null
      }
    },
  }
}
