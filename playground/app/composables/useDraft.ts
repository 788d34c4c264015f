/**
 * Text that is typed but not saved yet. Null: none. It survives a reload of this tab. Each tab, user and workspace has its own drafts, so the
 * next user, or another workspace, does not see them. A kept draft appears once the session is known, which a page that hydrates has to wait for.
 */
export function useDraft<T>(what: string): Ref<T | null> {
  const draft = shallowRef<T | null>(null)
  if (import.meta.server) return draft
  const session = useSyncSession()
  /** Taken once. The session may change before this component is gone. */
  let key: string | undefined

  watch(() => session.status, (status) => {
    if (status === 'loading' || key !== undefined) return
    key = draftKey(session.userId, session.workspaceId, what)
    // What was typed meanwhile is newer.
    if (draft.value === null) draft.value = readDraft<T>(key)
    else keepDraft(key, draft.value)
    // Not `sync`: the fields of the session change one after the other.
  }, { immediate: true })
  // Written at once: the user may leave the page with the next event.
  watch(draft, (typed) => { if (key !== undefined) keepDraft(key, typed) }, { flush: 'sync' })
  return draft
}
