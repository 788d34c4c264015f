import type { RandomWalk } from './random-walk'
import type { SimDevice } from './sim-device'
import type { SimWorld } from './sim-world'

/** The user signs out or switches the workspace, so another session takes over this browser. The next time the first session comes back. */
export function changeSession({ random, at }: RandomWalk, device: SimDevice): void {
  if (!at.hasOracle || !device.tabs.length) return
  const other = at.devices.find(({ browser, name }) => browser === device.browser && name !== device.name)
    ?? openSession(at, device, random.chance(0.5))
  at.log(`the browser of ${device.name} goes over to ${other.name}, ${other.userId} in ${other.workspaceId}`)
  const left = device.tabs.filter(tab => tab.state === 'running').map(tab => device.close(tab))
  const open = () => { if (!other.tabs.length) other.open() }
  // In a switch the next engine starts while the last one is still stopping.
  if (random.chance(0.5)) open()
  else void Promise.all(left).then(open)
}

/** Opens a session of the same user in another workspace, or of another user in the same one. */
function openSession(world: SimWorld, { userId, workspaceId, browser }: SimDevice, switches: boolean): SimDevice {
  return switches
    ? world.device({ userId, workspaceId: workspaceId === 'w1' ? 'w2' : 'w1', browser })
    : world.device({ userId: `${userId}-too`, workspaceId, browser })
}
