/** Tells whether a list may be incomplete, because rows of the workspace are still on their way here. */
export function useArrival() {
  const status = useSyncStatus()
  return {
    isComplete: computed(() => status.state === 'disabled' || status.firstSyncDone),
    /** The text to show meanwhile. */
    words: computed(() => {
      if (status.state === 'offline') return 'Not everything is here yet: the server cannot be reached.'
      if (status.state === 'error') return `Not everything is here yet: ${status.error?.message ?? 'sync is in trouble'}`
      return status.progress === null ? 'Loading…' : `Loading… ${Math.round(status.progress * 100)} %`
    }),
    isStuck: computed(() => status.state === 'offline' || status.state === 'error'),
  }
}
