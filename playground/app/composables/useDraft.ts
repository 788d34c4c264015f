import { StorageSerializers, useSessionStorage } from '@vueuse/core'

/**
 * Text that is typed but not saved yet. Null: none. It survives a reload of this tab. Each tab and each database has its own drafts, so
 * the next user, or another workspace, does not see them.
 */
export function useDraft<T>(what: string): Ref<T | null> {
  return useSessionStorage<T | null>(draftKey(getDb().name, what), null, {
    serializer: StorageSerializers.object,
    // Written at once: the user may leave the page with the next event.
    flush: 'sync',
    shallow: true,
    listenToStorageChanges: false,
    // When the storage is full or blocked, the text is still there, but does not survive a reload.
    onError: () => undefined,
  })
}
