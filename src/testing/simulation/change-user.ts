import type { RandomWalk } from './random-walk'
import type { SimDevice } from './sim-device'

const LASTS_MS = 60_000

/** Somebody else signs in in another tab of the device's browser: a member of the same workspace, or of none. Later the first user is back. */
export function changeUser({ random, at }: RandomWalk, { name, browser, userId, workspaceId }: SimDevice): void {
  // With a provider of the caller's own, the simulation does not decide on cookies.
  if (!at.hasOracle || browser.cookie !== null) return
  const members = at.devices.filter(other => other.workspaceId === workspaceId && other.userId !== userId).map(other => other.userId)
  const cookie = random.pick([...members, 'stranger'])
  at.members.set('stranger', 'w9', 'owner')
  at.log(`${cookie} signs in in the browser of ${name}`)
  browser.cookie = cookie
  at.time.schedule(random.between(500, LASTS_MS), null, () => {
    browser.cookie = null
    at.log(`whose database it is is signed in again in the browser of ${name}`)
    for (const device of at.devices) if (device.browser === browser) device.wake()
  })
}
