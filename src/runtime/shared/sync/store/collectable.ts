import type { DeviceRow } from './device-row'
import { NO_BOUND } from './feed-page'
import type { RecordRow } from './record-row'

/** The parameters of one garbage collection. */
export interface GcRequest {
  /** Epoch milliseconds. */
  now: number
  /** Tombstones older than this leave the feed, even if some devices have not read them. In milliseconds. */
  retentionMs: number
  /** Tombstones are not kept for devices that have been silent for longer than this. In milliseconds. */
  cursorExpiryMs: number
  /** Epoch milliseconds. Tombstones that left the feed and were written before this time are removed for good. Absent: none are. */
  purgeBefore?: number
}

/** The limits of one garbage collection, in epoch milliseconds. */
export interface GcTimes {
  /** Tombstones are kept for devices that have reported since then. */
  liveSince: number
  /** Tombstones that were written before then are not kept for any device. */
  keepSince: number
  /** Devices and writers that have been silent since then are forgotten. */
  silentSince: number
}

export function gcTimes({ now, retentionMs, cursorExpiryMs }: GcRequest): GcTimes {
  return { liveSince: now - cursorExpiryMs, keepSince: now - retentionMs, silentSince: now - Math.max(retentionMs, cursorExpiryMs) }
}

/** Whether tombstones that a device has not read are kept for it. */
export function isWaitedFor({ seenAt }: Pick<DeviceRow, 'seenAt'>, { liveSince }: Pick<GcTimes, 'liveSince'>): boolean {
  return seenAt >= liveSince
}

/** Whether a device, or a writer, is forgotten. */
export function isSilent({ seenAt }: Pick<DeviceRow, 'seenAt'>, { silentSince }: Pick<GcTimes, 'silentSince'>): boolean {
  return seenAt < silentSince
}

/** The version up to which every live device has read the feed. `NO_BOUND` if there is no live device: no tombstone has to wait. */
export function seenByAll(devices: Iterable<DeviceRow>, times: Pick<GcTimes, 'liveSince'>): number {
  let lowest = NO_BOUND
  for (const device of devices) if (isWaitedFor(device, times)) lowest = Math.min(lowest, device.cursor)
  return lowest
}

/** A tombstone in the feed. */
export interface Tombstone extends Pick<RecordRow, 'serverVersion'> {
  /** Epoch milliseconds. */
  writtenAt: number
}

/**
 * How many of these tombstones leave the feed, counted from the first. The GC floor rises to the last one that leaves. So once a tombstone
 * is kept, all after it are kept too.
 *
 * @param tombstones The tombstones of one workspace with the lowest versions, in ascending order.
 */
export function countCollectable(tombstones: readonly Tombstone[], { seenByAll, keepSince }: Pick<GcTimes, 'keepSince'> & { seenByAll: number }): number {
  const kept = tombstones.findIndex(({ serverVersion, writtenAt }) => serverVersion > seenByAll && writtenAt >= keepSince)
  return kept < 0 ? tombstones.length : kept
}

/** Whether a tombstone that left the feed is now removed for good. */
export function isPurgeable({ collected, writtenAt }: Pick<RecordRow, 'collected'> & Pick<Tombstone, 'writtenAt'>, { purgeBefore }: Pick<GcRequest, 'purgeBefore'>): boolean {
  return collected === true && purgeBefore !== undefined && writtenAt < purgeBefore
}

/** The later of two times before which deletions may have been purged: that of the setting, and that noted in the workspace. 0: none were purged. */
export function laterPurge(one: number | null | undefined, other: number | null | undefined): number {
  return Math.max(one ?? 0, other ?? 0)
}
