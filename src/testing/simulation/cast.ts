import { SeededRandom } from './seeded-random'
import type { SimWorld } from './sim-world'

export interface CastOptions {
  devices: number
  /** Of each device. */
  tabs: number
  /** Share of histories in which a viewer, and of those with a device in a second workspace. */
  guests: number
}

/** Who takes part in a history, decided by its seed: editors of one workspace, and now and then a viewer and a second workspace. */
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
  // A user in two workspaces: what he may in one says nothing of the other.
  if (random.chance(guests)) world.device({ userId: random.pick(['user0', 'viewer']), workspaceId: 'w2' }).open()
}
