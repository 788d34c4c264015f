/** Once somebody is signed in, the rows that this browser had before belong to them. */
export default defineNuxtPlugin(() => {
  const session = useSyncSession()
  const stop = watch(() => session.workspaceId, async (workspaceId) => {
    if (!workspaceId) return
    stop()
    // One tab is enough.
    await navigator.locks.request('adopt-old-items', () => adoptOldItems())
  }, { flush: 'post' })
})
