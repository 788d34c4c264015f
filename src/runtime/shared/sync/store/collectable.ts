import type { DeviceRow } from './device-row'
import { NO_BOUND } from './feed-page'
import type { RecordRow } from './record-row'

/** What garbage collection is asked for with. */
export interface GcRequest {
  /** Epoch milliseconds. */
  now: number
  /** Tombstones older than this leave the feed whoever has seen them, in milliseconds. */
  retentionMs: number
  /** Devices not heard of for this long are no longer waited for, in milliseconds. */
  cursorExpiryMs: number
  /** Revisions of records whose deletion left the feed, and was written before this time, are forgotten. Absent: never. */
  purgeBefore?: number
}

/** Epoch milliseconds. */
export interface GcTimes {
  /** Devices that were heard of since then are waited for. */
  liveSince: number
  /** Tombstones that were written before then are not kept for anybody. */
  keepSince: number
  /** Devices and writers that were not heard of since then are forgotten. */
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

/** The version up to which every device that is waited for has read. Where there is none, nothing is held back. */
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
 * How many of these tombstones leave the feed, from the first on. The floor rises to the last of them, so those behind the first that is kept are
 * kept, too.
 *
 * @param tombstones Those of one workspace with the lowest versions, in their order.
 */
export function countCollectable(tombstones: readonly Tombstone[], { seenByAll, keepSince }: Pick<GcTimes, 'keepSince'> & { seenByAll: number }): number {
  const kept = tombstones.findIndex(({ serverVersion, writtenAt }) => serverVersion > seenByAll && writtenAt >= keepSince)
  return kept < 0 ? tombstones.length : kept
}

/** Whether the revision of a deleted record is forgotten for good. */
export function isPurgeable({ collected, writtenAt }: Pick<RecordRow, 'collected'> & Pick<Tombstone, 'writtenAt'>, { purgeBefore }: Pick<GcRequest, 'purgeBefore'>): boolean {
  return collected === true && purgeBefore !== undefined && writtenAt < purgeBefore
}

/** The later of two times before which deletions may have been purged, such as the setting's and the workspace's own note. 0: none were. */
export function laterPurge(one: number | null | undefined, other: number | null | undefined): number {
  return Math.max(one ?? 0, other ?? 0)
}
