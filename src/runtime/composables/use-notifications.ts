import { computed, type ComputedRef, type Ref } from 'vue'
import type { NotificationRecord } from '../core/sync/records/engine-database'
import { asEngineDatabase, useSyncClient } from '../app/sync-client'
import { useLiveQuery } from './use-live-query'

export interface SyncNotification extends Omit<NotificationRecord, 'read'> {
  read: boolean
}

export interface UseNotifications {
  /** Newest first. */
  notifications: Readonly<Ref<SyncNotification[]>>
  unreadCount: ComputedRef<number>
  /** Marks one notice as read; without an id, all. */
  markRead: (id?: string) => Promise<void>
  /** Removes one notice; without an id, all. */
  clear: (id?: string) => Promise<void>
}

/** The notices that the engine has written for the user on this device. They are not synced. */
export function useNotifications(): UseNotifications {
  const client = useSyncClient()
  const table = () => client?.db.value ? asEngineDatabase(client.db.value).sync_notifications : null
  const notifications = useLiveQuery<SyncNotification[]>(
    async () => (await table()?.orderBy('createdAt').reverse().toArray() ?? []).map(notice => ({ ...notice, read: notice.read === 1 })),
    [], { initial: [] },
  )
  return {
    notifications,
    unreadCount: computed(() => notifications.value.filter(notice => !notice.read).length),
    async markRead(id) {
      if (id === undefined) await table()?.where('read').equals(0).modify({ read: 1 })
      else await table()?.update(id, { read: 1 })
    },
    async clear(id) {
      if (id === undefined) await table()?.clear()
      else await table()?.delete(id)
    },
  }
}
