/**
 * Tells whether a list may be incomplete, because rows of the workspace are still on their way here. Of a query for both sides, give `loading`: a
 * list that the server has rendered is complete. Call it in `setup`, after the query.
 */
export function useArrival(loading?: Readonly<Ref<boolean>>) {
  const status = useSyncStatus()
  const isFromServer = useIsFromServer(loading)
  return {
    isComplete: computed(() => isFromServer.value || status.state === 'disabled' || status.firstSyncDone),
    /** Whether the page came from the server with these rows, and shows them or newer ones. */
    isFromServer,
    /** The text to show meanwhile. */
    words: computed(() => {
      if (status.state === 'offline') return 'Not everything is here yet: the server cannot be reached.'
      if (status.state === 'error') return `Not everything is here yet: ${status.error?.message ?? 'sync is in trouble'}`
      return status.progress === null ? 'Loading…' : `Loading… ${Math.round(status.progress * 100)} %`
    }),
    isStuck: computed(() => status.state === 'offline' || status.state === 'error'),
  }
}

function useIsFromServer(loading?: Readonly<Ref<boolean>>): Readonly<Ref<boolean>> {
  if (!loading) return ref(false)
  // On the server the query is answered after `setup`, and before the component renders.
  if (import.meta.server) return computed(() => !loading.value)
  const isFromServer = ref(useNuxtApp().isHydrating === true && !loading.value)
  // It loads anew: for another query, or because the page was that of another user or workspace.
  watch(loading, () => { isFromServer.value = false }, { flush: 'sync' })
  return isFromServer
}
