/** Whether a list that ends, or is empty, is whole: what there is in the workspace may still be on its way here. */
export function useArrival() {
  const status = useSyncStatus()
  return {
    isComplete: computed(() => status.state === 'disabled' || status.firstSyncDone),
    /** What to say meanwhile. */
    words: computed(() => {
      if (status.state === 'offline') return 'Not everything is here yet: the server cannot be reached.'
      if (status.state === 'error') return `Not everything is here yet: ${status.error?.message ?? 'sync is in trouble'}`
      return status.progress === null ? 'Loading…' : `Loading… ${Math.round(status.progress * 100)} %`
    }),
    isStuck: computed(() => status.state === 'offline' || status.state === 'error'),
  }
}
