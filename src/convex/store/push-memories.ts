import type { PushItem } from '#or3-sync/shared/sync/fold-push'
import { decodePushMemory, encodePushMemory } from '#or3-sync/shared/sync/push-memory'
import type { PushMemory } from '#or3-sync/shared/sync/push-memory'
import { utf8Length } from '#or3-sync/shared/sync/utf8-length'
import { MEMORY_MAX_BYTES, MEMORY_MAX_WINNER_TEXT } from '../convex-limits'
import { refuse } from '../refuse'
import type { SyncDoc, SyncReader, SyncWriter } from './sync-data-model'

/** A device of the user, as far as the store knows it. */
export interface StoredDevice {
  doc: SyncDoc<'device_cursors'> | null
  memory: PushMemory
}

interface Owner { workspaceId: string, userId: string }

/** The devices that the stamps of a batch name. */
export async function readDevices(db: SyncReader, { workspaceId, userId, items }: Owner & { items: readonly PushItem[] }): Promise<Map<string, StoredDevice>> {
  const ids = new Set(items.flatMap(item => item.kind === 'op' ? [item.stamp.deviceId] : []))
  return new Map(await Promise.all([...ids].map(async (deviceId) => {
    const doc = await db.query('device_cursors')
      .withIndex('by_device', q => q.eq('workspace_id', workspaceId).eq('user_id', userId).eq('device_id', deviceId))
      .unique()
    const results = doc?.results_id === undefined ? null : await db.get(doc.results_id)
    return [deviceId, { doc, memory: decodePushMemory(results?.json ?? null) }] as const
  })))
}

/**
 * A device's memory as text that fits a document. Where one op alone is too much, the oldest answers go.
 *
 * @throws ConvexError `OVERSIZED`
 */
export function encodeMemory(memory: PushMemory, ops: number): string {
  let kept = memory
  for (;;) {
    const text = encodePushMemory(kept, MEMORY_MAX_WINNER_TEXT)
    if (kept.size <= 1 || utf8Length(text) <= MEMORY_MAX_BYTES) return text
    if (ops > 1) throw refuse('OVERSIZED', 'the edits this batch replaces are too large to be remembered; send fewer ops')
    kept = new Map([...kept].slice(Math.ceil(kept.size / 2)))
  }
}

/** Stores what the devices were answered; a push is a sign of life as well. */
export async function saveMemories(
  db: SyncWriter,
  { devices }: { devices: ReadonlyMap<string, StoredDevice> },
  memories: readonly { deviceId: string, text: string }[],
  { workspaceId, userId, now }: Owner & { now: number },
): Promise<void> {
  await Promise.all(memories.map(async ({ deviceId, text }) => {
    const doc = devices.get(deviceId)?.doc
    const fields = { seen_at: now, results_id: await writeResults(db, doc?.results_id, text), results_bytes: utf8Length(text) }
    await (doc ? db.patch(doc._id, fields) : db.insert('device_cursors', { workspace_id: workspaceId, user_id: userId, device_id: deviceId, ...fields }))
  }))
}

async function writeResults(db: SyncWriter, id: SyncDoc<'device_cursors'>['results_id'], json: string) {
  if (id === undefined) return await db.insert('sync_results', { json })
  await db.replace(id, { json })
  return id
}
