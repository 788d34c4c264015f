/** Once somebody is signed in, the rows that this browser had before belong to them. */
export default defineNuxtPlugin(() => {
  const session = useSyncSession()
  let hasBegun = false
  // At once, too: the session may be known before this plugin runs.
  watch(() => session.workspaceId, async (workspaceId) => {
    if (!workspaceId || hasBegun) return
    hasBegun = true
    // One tab is enough.
    await navigator.locks.request('adopt-old-items', () => adoptOldItems())
  }, { immediate: true, flush: 'post' })
})
