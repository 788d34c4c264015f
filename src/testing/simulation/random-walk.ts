import type { SyncErrorCode } from 'or3-sync/client'
import type { FaultRates } from './fault-rates'
import type { SeededRandom } from './seeded-random'
import type { SimDevice } from './sim-device'
import type { EditRequest, SimTab } from './sim-tab'
import type { SimWorld } from './sim-world'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const PKS = ['a', 'b', 'c', 'd']

/** Users that edit few records a lot, while things go wrong. */
export class RandomWalk {
  readonly events: Record<string, number> = {}
  readonly #random: SeededRandom
  #restore: (() => Promise<void>) | null = null

  constructor(private readonly world: SimWorld, private readonly options: { tabs: number }) {
    this.#random = world.random.fork()
  }

  /** One edit somewhere, and perhaps a fault; then some time passes. */
  async step(): Promise<void> {
    const random = this.#random
    const tab = this.#anyTab()
    if (tab) void tab.edit(this.#edits(), { abort: random.chance(0.03) })
    for (const kind of Object.keys(EVENTS) as EventName[]) {
      if (!random.chance(this.world.faults[kind])) continue
      // A crash strikes in the middle of whatever is under way.
      if (kind === 'crash') await this.world.pump.drain(random.between(0, 60))
      this.events[kind] = (this.events[kind] ?? 0) + 1
      EVENTS[kind](this, random.pick(this.world.devices))
    }
    await this.world.run(random.chance(0.1) ? random.between(1_000, 30_000) : random.between(0, 250))
  }

  get random(): SeededRandom { return this.#random }

  get at(): SimWorld { return this.world }

  /** Opens a tab of a device that has none, after a while. */
  reopenLater(device: SimDevice, afterMs: number): void {
    this.world.time.schedule(afterMs, null, () => { if (device.tabs.length < this.options.tabs) device.open() })
  }

  rememberOrRestore(): void {
    const { world } = this
    if (!this.#restore || this.#random.chance(0.3)) this.#restore = world.backUp()
    // What was acknowledged before a first sync is over is known to belong to no epoch: such a device could not tell.
    else if (world.devices.every(device => device.cursor()?.firstSyncDone)) void this.#restore()
  }

  #anyTab(): SimTab | undefined {
    const tabs = this.world.devices.flatMap(device => device.tabs.filter(tab => tab.state === 'running' && device.options.role !== 'viewer'))
    return tabs.length ? this.#random.pick(tabs) : undefined
  }

  #edits(): EditRequest[] {
    const random = this.#random
    const count = random.chance(0.15) ? random.between(2, 4) : 1
    const pks = new Set(Array.from({ length: count }, () => random.pick(PKS)))
    const tableName = random.chance(0.75) ? 'items' : 'drafts'
    return Array.from(pks, pk => ({
      kind: random.pick(['put', 'put', 'put', 'update', 'update', 'delete', 'delete', 'add']),
      tableName,
      pk,
      ...(tableName === 'drafts' ? this.#draft() : {}),
    }))
  }

  #draft(): Pick<EditRequest, 'hold' | 'secret'> {
    return {}
  }
}

type EventName = Exclude<keyof FaultRates, 'drop' | 'lostReply' | 'duplicate' | 'delay' | 'reorder' | 'disconnect' | 'slowDisk'>

const REFUSALS: { code: SyncErrorCode, status: number, retryAfter?: number }[] = [
  { code: 'UNAUTHORIZED', status: 401 },
  { code: 'RATE_LIMITED', status: 429, retryAfter: 3_000 },
  { code: 'SERVER_ERROR', status: 503, retryAfter: 1_000 },
]

const EVENTS: Record<EventName, (walk: RandomWalk, device: SimDevice) => void> = {
  offline: ({ random, at }, device) => {
    if (!device.isOnline) return
    device.setOnline(false)
    at.time.schedule(random.between(100, 40_000), null, () => device.setOnline(true))
  },
  crash: (walk, device) => {
    if (!device.tabs.length) return
    device.crash(walk.random.pick(device.tabs))
    walk.reopenLater(device, walk.random.between(0, 20_000))
  },
  freeze: ({ random, at }, device) => {
    const running = device.tabs.filter(tab => tab.state === 'running')
    if (!running.length) return
    const tab = random.pick(running)
    device.freeze(tab)
    at.time.schedule(random.between(1_000, 60_000), null, () => device.thaw(tab))
  },
  restart: ({ random, at }, device) => {
    const running = device.tabs.filter(tab => tab.state === 'running')
    if (!running.length) return
    const { engine, name } = random.pick(running)
    at.log(`${name} stops and starts`)
    void engine.stop().then(() => engine.start()).catch((error: unknown) => at.log(`${name} did not start again: ${String(error)}`))
  },
  refuse: ({ random, at }) => {
    if (at.network.refusal) return
    at.network.refusal = random.pick(REFUSALS)
    at.log(`the store refuses with ${at.network.refusal.status}`)
    at.time.schedule(random.between(500, 40_000), null, () => { at.network.refusal = null })
  },
  skew: ({ random, at }, device) => {
    device.skew = device.skew !== 0 && random.chance(0.5) ? 0 : random.between(-HOUR, HOUR)
    at.log(`the clock of ${device.name} is off by ${device.skew} ms`)
  },
  gc: ({ at }) => {
    at.log('the store collects tombstones')
    void at.gateway.gc()
  },
  absence: (walk, device) => {
    const { random, at } = walk
    for (const tab of [...device.tabs]) device.crash(tab)
    const days = random.pick([1, 8, 31, 40])
    at.log(`${device.name} is away for ${days} days`)
    at.time.schedule(random.between(0, 60_000), null, () => {
      at.log('days go by')
      at.time.jump(days * DAY)
      for (const other of at.devices) other.longestAbsence = Math.max(other.longestAbsence, days * DAY)
      void at.gateway.gc()
      walk.reopenLater(device, random.between(0, 20_000))
    })
  },
  restore: walk => walk.rememberOrRestore(),
  quota: (_, device) => { device.disk.quotaErrors = 1 },
}
