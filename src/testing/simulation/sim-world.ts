import { createSyncGateway, memoryBackend, type RestorableBackend, type SyncBackend, type SyncGateway } from 'or3-sync/server'
import { parseHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { GatewaySyncProvider, type SyncProvider } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import { DEFAULT_FAULTS, type FaultRates } from './fault-rates'
import { gatewayFetch } from './gateway-fetch'
import { HistoryRecorder } from './history-recorder'
import { PURGE_DAYS, traitsOf, type HistoryTraits } from './history-traits'
import { Journal } from './journal'
import { SeededRandom } from './seeded-random'
import { withSeededWrites } from './seeded-writes'
import { ServerHand } from './server-hand'
import { servedWorkspace } from './server-name'
import type { SimBrowser } from './sim-browser'
import { SimDevice, type SimDeviceOptions } from './sim-device'
import { SimMembers } from './sim-members'
import { SimNetwork } from './sim-network'
import { nextSchema } from './sim-schema'
import { StepChecks } from './step-checks'
import { StoreOracle } from './store-oracle'
import { storeSizeOf, withPages, type StoreSize } from './store-size'
import { TaskPump } from './task-pump'
import { VirtualTime } from './virtual-time'

/** Every history begins at 2026-01-01. */
const START = Date.UTC(2026, 0, 1)
/** Streams send no pings, because they would be sent by the real clock. */
const NEVER_MS = 2 ** 31 - 1
/** The longest time for which a slow disk delays events. */
const SLOW_DISK_MS = 2_000

/** The share of the server's own writes that come from a process whose clock is late, in histories in which it writes at random. */
const LATE_WRITES = 0.2

export interface SimWorldOptions {
  seed: number
  faults?: Partial<FaultRates>
  /** A new, empty store. Default: `memoryBackend`. */
  backend?: () => SyncBackend
  /** Whether to write down what every device reads and writes, for the checks of `history`. Default: true, without a `provider` of your own. */
  checksConsistency?: boolean
  /** Default: a gateway provider for a gateway in this process. With another provider, the store is only known from what that provider pulls. */
  provider?: (seat: { userId: string, workspaceId: string, now: () => number }) => SyncProvider
}

/** The devices, network and store of one history. They share one clock and one source of randomness. */
export class SimWorld {
  readonly seed: number
  readonly random: SeededRandom
  readonly time = new VirtualTime(START)
  readonly pump = new TaskPump()
  readonly journal = new Journal()
  readonly oracle = new StoreOracle()
  readonly network: SimNetwork
  readonly faults: FaultRates
  readonly storeSize: StoreSize
  readonly traits: HistoryTraits
  readonly devices: SimDevice[] = []
  readonly lines: string[] = []
  readonly checks: StepChecks
  /** Null without `checksConsistency`. */
  readonly history: HistoryRecorder | null
  readonly gateway: SyncGateway
  readonly members = new SimMembers()
  /** The server, where it writes rows itself. */
  readonly hand = new ServerHand(this)
  readonly #backend: SyncBackend
  readonly #collections: Promise<unknown>[] = []
  #slowDisk: number

  constructor(readonly options: SimWorldOptions) {
    this.seed = options.seed
    this.random = new SeededRandom(options.seed)
    this.faults = { ...DEFAULT_FAULTS, ...options.faults }
    this.storeSize = storeSizeOf(this.seed, this.faults)
    // With a provider of the caller's own, the store may have another schema.
    this.traits = traitsOf(this.seed, this.hasOracle ? this.faults : { ...this.faults, oddRows: 0 })
    this.#slowDisk = this.faults.slowDisk
    this.network = new SimNetwork({ time: this.time, random: this.random.fork(), faults: this.faults, log: this.log })
    this.#backend = (options.backend ?? memoryBackend)()
    this.gateway = createSyncGateway({
      schema: nextSchema as unknown as SyncSchema,
      backend: withSeededWrites(this.oracle.observe(withPages(this.#backend, this.storeSize)), { seed: this.seed, late: this.faults.serverWrites > 0 ? LATE_WRITES : 0 }),
      now: () => this.time.now,
      pingMs: NEVER_MS,
      // Never pauses: slices would be measured by the real clock, too.
      sliceMs: Infinity,
      purgeAfterDays: this.traits.purge ? PURGE_DAYS : 0,
      rateLimits: { push: Infinity, pull: Infinity, cursor: Infinity },
      session: ({ node }) => this.members.session(String(node.req.headers['x-user'])),
    })
    this.checks = new StepChecks(this)
    this.history = options.checksConsistency ?? this.hasOracle ? new HistoryRecorder(this) : null
    this.pump.install()
  }

  /** Whether the store can be observed directly, and not only through the provider. */
  get hasOracle(): boolean {
    return !this.options.provider
  }

  log = (line: string): void => {
    this.lines.push(`${String(this.elapsed).padStart(9)} ${line}`)
  }

  /** Milliseconds since the history began. */
  get elapsed(): number {
    return this.time.now - START
  }

  /** From here on, random decisions depend only on `random`, not on what was drawn before. */
  reseed(random: SeededRandom): void {
    this.random.reseed(random.between(0, 2 ** 31))
    this.network.random.reseed(random.between(0, 2 ** 31))
  }

  device(options: { userId?: string, workspaceId?: string } & SimDeviceOptions = {}): SimDevice {
    const { userId = 'ann', workspaceId = 'w1', ...rest } = options
    if (options.role || !this.members.role(userId, workspaceId)) this.members.set(userId, workspaceId, options.role ?? 'editor')
    const device = new SimDevice(this, `d${this.devices.length + 1}`, userId, workspaceId, rest)
    this.devices.push(device)
    return device
  }

  /** Whether the device's database is a copy of another device's. */
  isCopy({ name, databaseName }: SimDevice): boolean {
    return databaseName !== SimDevice.databaseNameOf(name, this.seed)
  }

  /** Whether another device uses a copy of this device's database. */
  hasCopy(name: string): boolean {
    const original = this.devices.find(device => device.name === name)
    return this.devices.some(device => device !== original && device.databaseName === original?.databaseName)
  }

  /** The workspace of the device with this name, or of the server's own edits. Undefined: there is no such device. */
  workspaceOf(author: string): string | undefined {
    return servedWorkspace(author) ?? this.devices.find(({ name }) => name === author)?.workspaceId
  }

  /** A provider for one tab, without the faults. */
  connect({ userId, workspaceId, browser }: { userId: string, workspaceId: string, browser: SimBrowser }): SyncProvider {
    return this.options.provider?.({ userId, workspaceId, now: () => this.time.now })
      ?? new GatewaySyncProvider({ baseURL: 'http://simulation', fetch: gatewayFetch(this.gateway, () => browser.cookie ?? userId) })
  }

  /**
   * Takes a backup of the store.
   *
   * @returns a function that restores it and restarts the server. With `announced` the store gets a new epoch. Null: the store cannot be copied.
   */
  backUp(): ((announced?: boolean) => Promise<void>) | null {
    const backend = this.#backend as Partial<RestorableBackend>
    if (!backend.backUp) return null
    const [restoreStore, restoreOracle] = [backend.backUp(), this.oracle.remember()]
    return async (announced = true) => {
      this.log(`the store is restored from a copy${announced ? '' : ', and nobody says so'}`)
      restoreStore()
      restoreOracle()
      this.checks.storeRestored(announced)
      if (announced) await this.gateway.newEpoch()
      for (const device of this.devices) for (const tab of device.tabs) tab.provider.disconnect()
    }
  }

  /** Ends all faults: the network and the disks work, and devices that were away come back. */
  calmDown(): void {
    this.log('--- faults end ---')
    this.#slowDisk = 0
    this.network.calmDown()
    for (const device of this.devices) {
      this.members.set(device.userId, device.workspaceId, device.ownRole)
      device.hearRole(device.ownRole)
      device.disk.quotaErrors = 0
      device.browser.cookie = null
      if (!device.isOnline) device.setOnline(true)
      for (const tab of device.tabs) device.thaw(tab)
      device.reloadOldTabs()
      // A user who was not a member asks again only when woken.
      device.wake()
      if (!device.tabs.length) device.open()
    }
  }

  /** Runs event by event until `done` returns true or `ms` have passed. @returns whether `done` was true. */
  async run(ms: number, done: () => boolean = () => false): Promise<boolean> {
    const until = this.time.now + ms
    for (;;) {
      const limit = this.random.chance(this.#slowDisk) && this.time.nextAt - this.time.now < SLOW_DISK_MS ? this.random.between(0, 40) : Infinity
      if (await this.pump.drain(limit)) {
        this.checks.afterStep()
        if (done()) return true
      }
      if (this.time.nextAt > until) {
        if (limit !== Infinity) continue
        this.time.now = Math.max(this.time.now, until)
        return done()
      }
      this.time.step()
    }
  }

  /** Runs until a promise settles. */
  async finish<T>(promise: Promise<T>, ms = 600_000): Promise<T> {
    let settled = false
    const mark = () => { settled = true }
    promise.then(mark, mark)
    if (!await this.run(ms, () => settled)) throw new Error(`still waiting after ${ms} ms of virtual time`)
    return await promise
  }

  /** Whether the store may have forgotten a delete with this HLC by now. */
  isPurgedBy(hlc: string): boolean {
    return this.traits.purge && (parseHlc(hlc)?.ms ?? Infinity) < this.time.now - PURGE_DAYS * 24 * 3_600_000
  }

  /** Starts a collection, which takes some real time. The world is not closed before it has ended. */
  collectGarbage(): void {
    this.#collections.push(this.gateway.gc())
  }

  async close(): Promise<void> {
    for (const device of this.devices) for (const tab of [...device.tabs]) device.crash(tab)
    await Promise.all(this.#collections)
    await this.gateway.close()
    await this.pump.drain()
    this.pump.uninstall()
  }
}
