import { StorageSerializers, useSessionStorage } from '@vueuse/core'

/**
 * What is typed and not saved yet; null: nothing. It outlives a reload of this tab. Other tabs have their own, and so has every
 * database: what somebody types is not seen by the next user, nor in another workspace.
 */
export function useDraft<T>(what: string): Ref<T | null> {
  return useSessionStorage<T | null>(draftKey(getDb().name, what), null, {
    serializer: StorageSerializers.object,
    // At once: the page may be left with the next event.
    flush: 'sync',
    shallow: true,
    listenToStorageChanges: false,
    // A storage that is full or closed costs the text no more than its life beyond a reload.
    onError: () => undefined,
  })
}
