import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { SyncState } from '../../core/sync/context/sync-status'

/** States that come and go with every edit. */
const PASSING: ReadonlySet<SyncState> = new Set(['syncing', 'connecting'])
/** A passing state is shown if it lasts longer, in milliseconds. */
const PATIENCE_MS = 500

/** Follows a state, but leaves out passing ones that are soon over. Otherwise a badge would blink, and a screen reader would speak, at every edit. */
export function useSteadyState(state: () => SyncState): Readonly<Ref<SyncState>> {
  const shown = shallowRef(state())
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(state, (next) => {
    clearTimeout(timer)
    if (PASSING.has(next)) timer = setTimeout(() => { shown.value = next }, PATIENCE_MS)
    else shown.value = next
  }, { flush: 'sync' })
  onScopeDispose(() => clearTimeout(timer))
  return shown
}
