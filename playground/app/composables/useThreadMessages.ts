/** So many messages are shown at first, and so many more each time that the reader asks for earlier ones. */
const PAGE = 50

/**
 * The newest messages of a thread, oldest first. The server renders them. Once this device has them all, they are the messages since the oldest one
 * that is shown, so that none leaves the list when others arrive. A message without a time is in no index, and is not shown.
 */
export function useThreadMessages(threadId: string) {
  /** The time of the oldest message to be shown. Undefined: the newest `PAGE` messages are shown. */
  const since = shallowRef<number>()
  const hasEarlier = ref(false)
  const rows = useLiveQuery((q) => {
    const lower = since.value === undefined ? [threadId] as const : [threadId, since.value] as const
    const newest = q.messages.where('[thread_id+created_at]').between(lower, [threadId, []]).reverse()
    // One more than is shown tells whether there are earlier ones.
    return since.value === undefined ? newest.limit(PAGE + 1) : newest
  })
  const { isComplete, isFromServer } = useArrival(rows.loading)
  const messages = computed(() => {
    const { value: oldest } = since
    // The rows may still be those of the query before.
    const shown = oldest === undefined ? rows.value?.slice(0, PAGE) : rows.value?.filter(({ created_at }) => !(created_at! < oldest))
    return shown?.reverse()
  })

  watch(rows, (newest) => { if (since.value === undefined) hasEarlier.value = (newest?.length ?? 0) > PAGE }, { immediate: true, flush: 'sync' })
  const hasAll = useHasAll(isFromServer)
  watch(() => hasAll.value && isComplete.value && messages.value !== undefined, (isHere) => {
    if (isHere) since.value ??= hasEarlier.value ? messages.value?.[0]?.created_at : -Infinity
  }, { immediate: true })

  async function showEarlier() {
    if (since.value === undefined) return
    const older = await getDb().messages.where('[thread_id+created_at]').between([threadId], [threadId, since.value]).reverse().limit(PAGE + 1).toArray()
    hasEarlier.value = older.length > PAGE
    since.value = hasEarlier.value ? older[PAGE - 1]!.created_at : -Infinity
  }

  return {
    messages, isComplete, hasEarlier, showEarlier,
    /** Earlier messages are read from this device. False until it has what the server has rendered. */
    canShowEarlier: computed(() => since.value !== undefined),
  }
}

/** Whether this device has the rows that the server has rendered. Before that, another query would go back to what it had before. */
function useHasAll(isFromServer: Readonly<Ref<boolean>>): Readonly<Ref<boolean>> {
  const { $syncEngine } = useNuxtApp()
  const hasAll = ref(false)
  onMounted(async () => {
    // It rejects when sync has stopped. Then the page goes, too.
    if (isFromServer.value) await $syncEngine.whenCaughtUp().catch(() => undefined)
    hasAll.value = true
  })
  return hasAll
}
