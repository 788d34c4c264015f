import { idleDevices, isAhead, moveDevice } from '#or3-sync/shared/sync/store/device-row'
import { CURSORS_PER_USER } from '../convex-limits'
import { deleteWithResults } from './delete-with-results'
import { findCounter } from './find-counter'
import type { SyncWriter } from './sync-data-model'

export interface CursorMove {
  workspaceId: string
  userId: string
  deviceId: string
  version: number
  /** Epoch milliseconds. */
  now: number
}

/** Notes how far a device has read, never less than it said before. */
export async function moveCursor(db: SyncWriter, { workspaceId, userId, deviceId, version, now }: CursorMove): Promise<'ok' | 'ahead'> {
  const [counter, devices] = await Promise.all([
    findCounter(db, workspaceId),
    // All of this user, in one range: there are few.
    db.query('device_cursors').withIndex('by_device', q => q.eq('workspace_id', workspaceId).eq('user_id', userId)).take(2 * CURSORS_PER_USER),
  ])
  if (isAhead(version, counter?.value ?? 0)) return 'ahead'
  // Nobody has written there yet, or not since it was erased: there is no feed for a cursor.
  if (counter?.workspace_id !== workspaceId) return 'ok'
  const device = devices.find(({ device_id: id }) => id === deviceId)
  const { cursor, seenAt } = moveDevice(device, { version, now })
  if (device) {
    await db.patch(device._id, { cursor, seen_at: seenAt })
    return 'ok'
  }
  const newestFirst = devices.sort((a, b) => b.seen_at - a.seen_at)
  await deleteWithResults(db, idleDevices(newestFirst, CURSORS_PER_USER))
  await db.insert('device_cursors', { workspace_id: workspaceId, user_id: userId, device_id: deviceId, cursor, seen_at: seenAt })
  return 'ok'
}
