import { openCast } from './cast'
import type { FaultRates } from './fault-rates'
import { RandomWalk } from './random-walk'
import { checkAtRest, checkFreshDevice, isAtRest } from './rest-checks'
import { SimWorld, type SimWorldOptions } from './sim-world'
import { SimulationError } from './simulation-error'

/** After the last fault, everything must be delivered within this much virtual time. */
const REST_WITHIN_MS = 5 * 60_000
/** The same for edits that something on the way has refused: they wait aside, and are tried again at least once an hour (plus 30 % jitter). */
const ASIDE_WITHIN_MS = 80 * 60_000
/** After that, nothing may happen by itself for this long. */
const STILL_FOR_MS = 60_000
const STILL_MAX_REQUESTS = 30

export interface SimulateOptions extends SimWorldOptions {
  /** Default: 3. */
  devices?: number
  /** Tabs of each device at the start. Default: 2. */
  tabs?: number
  /** Share of histories with a viewer, and of those with a second workspace, from 0 to 1. Default: 0.3, or 0 with a `provider` of your own. */
  guests?: number
  /** How many steps the history has, over all devices. Each is one edit or several in one transaction. Default: 40. */
  ops?: number
  /** Plays only these of the `ops` steps, in rising order. Each does the same as in the whole history. Default: all. */
  steps?: readonly number[]
  /** How often each fault happens. Those left out keep their defaults. */
  faults?: Partial<FaultRates>
}

export interface SimulationReport {
  seed: number
  edits: number
  /** How many ops the store has applied. */
  applied: number
  conflicts: number
  rescans: number
  restores: number
  requests: number
  /** How many faults of each kind happened. */
  faults: Record<string, number>
  /** Everything that happened, in order. */
  log: string[]
}

/**
 * Plays one history: real engines with a fake IndexedDB, and the real gateway and store. The seed decides on the clock, the network and the
 * faults, so a seed always gives the same history. Runs on Node, needs `fake-indexeddb`, and runs one at a time in a process.
 *
 * @throws SimulationError when an edit is lost, devices diverge, or the world never comes to rest. It carries the log.
 */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  const world = new SimWorld(options)
  const walk = new RandomWalk(world, { tabs: options.tabs ?? 2 })
  const report = (): SimulationReport => ({
    seed: options.seed,
    edits: [...world.journal.edits.values()].filter(({ status }) => status === 'committed').length,
    applied: world.oracle.applied,
    conflicts: world.checks.conflicts.size,
    rescans: world.devices.reduce((sum, device) => sum + device.rescans, 0),
    restores: world.checks.restores,
    requests: world.network.counts.requests,
    faults: { ...walk.events, ...messageFaults(world) },
    log: world.lines,
  })
  try {
    openCast(world, { devices: options.devices ?? 3, tabs: options.tabs ?? 2, guests: options.guests ?? 0.3 })
    for (const step of options.steps ?? allSteps(options)) await walk.step(step)
    await comeToRest(world)
    await checkAtRest(world)
    for (const workspaceId of new Set(world.devices.map(device => device.workspaceId))) {
      await checkFreshDevice(world, world.devices.find(device => device.workspaceId === workspaceId)!)
    }
    world.history?.check()
    return report()
  }
  catch (error) {
    throw new SimulationError(error as Error, report())
  }
  finally {
    await world.close()
  }
}

/** The numbers of a history's steps. */
export function allSteps({ ops = 40 }: Pick<SimulateOptions, 'ops'>): number[] {
  return Array.from({ length: ops }, (_, step) => step)
}

/** (g) After the last fault everything is delivered within a bounded time. Then nothing more happens by itself. */
async function comeToRest(world: SimWorld): Promise<void> {
  // First let everything that was to come back by itself (tabs, users, roles) do so.
  await world.run(60_000)
  world.calmDown()
  const restless = () => world.devices.filter(device => !isAtRest(device, world.hasOracle ? world.oracle.version(device.workspaceId) : null))
  // Once all devices know their right roles again, edits that were refused because of a role are retried.
  await world.run(10_000)
  for (const device of world.devices) await world.finish(device.settleRefused('retry'))
  const isAtRestWithin = (ms: number) => world.run(ms, () => restless().length === 0)
  const hasAside = () => restless().every(device => device.outbox().some(({ ops }) => ops.some(({ aside }) => aside)))
  if (!await isAtRestWithin(REST_WITHIN_MS) && !(hasAside() && await isAtRestWithin(ASIDE_WITHIN_MS))) {
    const who = restless().map(device => `${device.name} (${device.outbox().length} outbox records, cursor ${device.cursor()?.cursor}, ${device.tabs.map(tab => JSON.stringify(tab.engine.status.get())).join(' ')})`)
    world.checks.fail(`(g) not at rest ${REST_WITHIN_MS / 60_000} min after the last fault: ${who.join(', ')}`)
  }
  world.log('--- at rest ---')
  const before = world.network.counts.requests
  await world.run(STILL_FOR_MS)
  const requests = world.network.counts.requests - before
  if (requests > STILL_MAX_REQUESTS) world.checks.fail(`(g) ${requests} requests in a minute in which nothing happened`)
}

function messageFaults({ network }: SimWorld): Record<string, number> {
  const { requests: _, ...faults } = network.counts
  return faults
}
