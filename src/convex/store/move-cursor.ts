import { DEVICES_PER_USER } from '#or3-sync/shared/sync/limits'
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
  const [counter, device] = await Promise.all([
    findCounter(db, workspaceId),
    db.query('device_cursors').withIndex('by_device', q => q.eq('workspace_id', workspaceId).eq('user_id', userId).eq('device_id', deviceId)).unique(),
  ])
  if (version > (counter?.value ?? 0)) return 'ahead'
  // Nobody has written there, yet or again: a cursor says nothing.
  if (counter?.workspace_id !== workspaceId) return 'ok'
  if (device) {
    await db.patch(device._id, { cursor: Math.max(device.cursor ?? 0, version), seen_at: now })
    return 'ok'
  }
  await forgetIdle(db, workspaceId, userId)
  await db.insert('device_cursors', { workspace_id: workspaceId, user_id: userId, device_id: deviceId, cursor: version, seen_at: now })
  return 'ok'
}

/** Makes room for one more device of the user: those that were heard of longest ago go. */
async function forgetIdle(db: SyncWriter, workspaceId: string, userId: string): Promise<void> {
  const known = await db.query('device_cursors')
    .withIndex('by_device', q => q.eq('workspace_id', workspaceId).eq('user_id', userId))
    .take(2 * DEVICES_PER_USER)
  const idle = known.sort((a, b) => b.seen_at - a.seen_at).slice(DEVICES_PER_USER - 1)
  await deleteWithResults(db, idle)
}
