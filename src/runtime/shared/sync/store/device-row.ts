/** How far a user's device has read a workspace. The store keeps this for garbage collection. */
export interface DeviceRow {
  /** The last version that the device has read. */
  cursor: number
  /** When it last reported that, in epoch milliseconds. */
  seenAt: number
}

/** Whether a device reports a version that the workspace has not reached. */
export function isAhead(version: number, latestVersion: number): boolean {
  return version > latestVersion
}

export interface DeviceReport {
  version: number
  /** Epoch milliseconds at the store. */
  now: number
}

/**
 * The device's row after a report. A lower version than before is ignored: the request may have arrived late.
 *
 * @param known The row so far. Absent: the device is new.
 */
export function moveDevice(known: Partial<Pick<DeviceRow, 'cursor'>> | undefined, { version, now }: DeviceReport): DeviceRow {
  return { cursor: Math.max(known?.cursor ?? 0, version), seenAt: now }
}

/**
 * Which of a user's other devices the store forgets to make room for a new one.
 *
 * @param newestFirst The user's other devices in this workspace, the last one that reported first.
 * @param max How many devices a user may have there, the new one included.
 */
export function idleDevices<Device>(newestFirst: readonly Device[], max: number): Device[] {
  return newestFirst.slice(max - 1)
}
