import { GC_MAX_RESULTS_BYTES } from '../convex-limits'
import type { SyncDoc, SyncWriter } from './sync-data-model'

/**
 * Deletes devices with what they were last answered, in the order given, as far as one transaction should go.
 *
 * @returns how many; at least one, if there is one.
 */
export async function deleteDevices(db: SyncWriter, devices: readonly SyncDoc<'device_cursors'>[]): Promise<number> {
  let bytes = 0
  let count = 0
  for (const device of devices) {
    bytes += device.results_bytes
    if (count > 0 && bytes > GC_MAX_RESULTS_BYTES) break
    if (device.results_id !== undefined) await db.delete(device.results_id)
    await db.delete(device._id)
    count++
  }
  return count
}
