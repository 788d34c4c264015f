import type { RandomWalk } from './random-walk'
import type { SimDevice } from './sim-device'

/** An app learns of its user's new role within this time, when it next reads the session. */
const HEARS_WITHIN_MS = 20_000
const LASTS_MS = 60_000

/** The user of a device becomes a viewer of the workspace, or leaves it. Later they are an editor again. */
export function changeRole({ random, at }: RandomWalk, { userId, workspaceId }: SimDevice): void {
  // With a provider of the caller's own, the simulation does not decide on memberships.
  if (!at.hasOracle || at.members.role(userId, workspaceId) !== 'editor') return
  const role = random.chance(0.6) ? 'viewer' : null
  at.log(`${userId} is ${role ?? 'no member any more'} of ${workspaceId}`)
  at.members.set(userId, workspaceId, role)
  const seats = at.devices.filter(device => device.userId === userId && device.workspaceId === workspaceId)
  for (const device of seats) {
    if (role) at.time.schedule(random.between(0, HEARS_WITHIN_MS), null, () => { if (at.members.role(userId, workspaceId) === role) device.hearRole(role) })
  }
  const giveUp = random.chance(0.2)
  at.time.schedule(random.between(1_000, LASTS_MS), null, () => {
    at.members.set(userId, workspaceId, 'editor')
    at.log(`${userId} is editor of ${workspaceId} again`)
    for (const device of seats) {
      device.hearRole('editor')
      device.wake()
      void device.settleRefused(giveUp ? 'discard' : 'retry').catch((error: unknown) => at.log(`${device.name}: ${String(error)}`))
    }
  })
}
