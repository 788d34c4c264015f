import { computed, getCurrentScope, onScopeDispose, shallowReactive, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { ABSENT, LOCAL, type RowState, type RowStateName } from '../core/sync/face/row-state'
import type { SyncError } from '../shared/sync/protocol/errors'
import { afterHydration } from '../app/after-hydration'
import { useSyncClient } from '../app/sync-client'

/** The state as a ref, with one more ref on it. In a template take that out first: `const { error } = state`. */
export interface RowStateRef extends ComputedRef<RowStateName> {
  /** Why the store has refused an edit of the row. Null unless the state is `failed`. */
  readonly error: ComputedRef<SyncError | null>
}

/**
 * How far a row is on its way to the store, reactive, for a tick beside a message. `table` and `pk` may be refs or getters; without a key the state
 * is `absent`. So it is on the server, until a hydrating component is mounted, and until the row was read. With sync off it is `local`.
 */
export function useRowState(table: MaybeRefOrGetter<string>, pk: MaybeRefOrGetter<string | null | undefined>): RowStateRef {
  const client = useSyncClient()
  const state = shallowReactive<RowState>({ ...ABSENT })
  const shown = client ? afterHydration<RowState>(ABSENT, state) : ABSENT
  const ref: RowStateRef = Object.assign(computed(() => shown.name), { error: computed(() => shown.error) })
  if (!client) return ref

  let stop = () => {}
  watch([() => toValue(table), () => toValue(pk), client.engine] as const, ([tableName, key, engine]) => {
    stop()
    stop = () => {}
    if (!client.isOn) return Object.assign(state, LOCAL)
    const row = engine && typeof key === 'string' ? engine.rowState(tableName, key) : null
    // What was known of another row, or of another user's, is no longer shown.
    Object.assign(state, row?.get() ?? ABSENT)
    if (row) stop = row.subscribe(next => Object.assign(state, next))
  }, { immediate: true, flush: 'sync' })
  if (getCurrentScope()) onScopeDispose(() => stop())
  return ref
}
