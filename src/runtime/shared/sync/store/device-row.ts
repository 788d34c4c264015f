/** What a store knows of a device of a user in a workspace, for garbage collection. */
export interface DeviceRow {
  /** The last version that the device has read. */
  cursor: number
  /** When it last said so, in epoch milliseconds. */
  seenAt: number
}

/** Whether a device says that it has read what the workspace has not reached. */
export function isAhead(version: number, latestVersion: number): boolean {
  return version > latestVersion
}

export interface DeviceReport {
  version: number
  /** Epoch milliseconds at the store. */
  now: number
}

/**
 * A device says how far it has read. A step back is ignored: a request may arrive late.
 *
 * @param known Absent: a device that is new.
 */
export function moveDevice(known: Partial<Pick<DeviceRow, 'cursor'>> | undefined, { version, now }: DeviceReport): DeviceRow {
  return { cursor: Math.max(known?.cursor ?? 0, version), seenAt: now }
}

/**
 * Which of a user's other devices go to make room for one that is new.
 *
 * @param newestFirst The others in this workspace, by when they were heard of.
 * @param max Devices that a user has there, the new one included.
 */
export function idleDevices<Device>(newestFirst: readonly Device[], max: number): Device[] {
  return newestFirst.slice(max - 1)
}
