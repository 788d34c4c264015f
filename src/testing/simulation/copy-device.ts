import type { RandomWalk } from './random-walk'
import type { SimDevice } from './sim-device'

/** More machines than this make a history longer, but find nothing more. */
const MAX_DEVICES = 6

/** A browser's profile folder is copied while it is closed. Two machines then go on with the same database, device id, cursor and outbox. */
export function copyDevice(walk: RandomWalk, device: SimDevice): void {
  const { random, at } = walk
  const [afterMs, copyAfterMs] = [random.between(0, 20_000), random.between(0, 60_000)]
  if (!at.hasOracle || at.devices.length >= MAX_DEVICES || !device.cursor()) return
  for (const tab of [...device.tabs]) device.crash(tab)
  const copy = at.device({ userId: device.userId, workspaceId: device.workspaceId, hasLocks: device.hasLocks, databaseName: device.databaseName })
  copy.schema = device.schema
  copy.browser.disk.copyFrom(device.disk, device.databaseName)
  at.log(`${copy.name} is a copy of ${device.name}`)
  walk.reopenLater(device, afterMs)
  walk.reopenLater(copy, copyAfterMs)
}
