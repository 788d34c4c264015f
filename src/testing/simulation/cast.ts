import { SeededRandom } from './seeded-random'
import type { SimWorld } from './sim-world'

export interface CastOptions {
  devices: number
  /** Tabs of each device. */
  tabs: number
  /** The share of histories with a viewer; also the share of those with a device in a second workspace. */
  guests: number
}

/** Opens the devices of a history, as its seed decides: editors of one workspace, and sometimes a viewer and a second workspace. */
export function openCast(world: SimWorld, { devices, tabs, guests }: CastOptions): void {
  const random = SeededRandom.of(world.seed, -2)
  for (let index = 0; index < devices; index++) {
    const { noLocks, brokenLocks, blockedStorage } = world.faults
    const device = world.device({
      userId: `user${index % 2}`,
      hasLocks: !random.chance(noLocks),
      brokenLocks: random.chance(brokenLocks) ? random.pick(['deaf', 'refusing']) : undefined,
      isStorageBlocked: random.chance(blockedStorage),
    })
    for (let tab = 0; tab < tabs; tab++) device.open()
  }
  if (!world.hasOracle) return
  if (random.chance(guests)) world.device({ userId: 'viewer', role: 'viewer' }).open()
  // The same user has a role of their own in each workspace.
  if (random.chance(guests)) world.device({ userId: random.pick(['user0', 'viewer']), workspaceId: 'w2' }).open()
}
