import { createSyncGateway, memoryBackend, type RestorableBackend, type SyncBackend, type SyncGateway } from 'or3-sync/server'
import { GatewaySyncProvider, type SyncProvider } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import { DEFAULT_FAULTS, type FaultRates } from './fault-rates'
import { gatewayFetch } from './gateway-fetch'
import { Journal } from './journal'
import { SeededRandom } from './seeded-random'
import type { SimBrowser } from './sim-browser'
import { SimDevice, type SimDeviceOptions } from './sim-device'
import { SimMembers } from './sim-members'
import { SimNetwork } from './sim-network'
import { nextSchema } from './sim-schema'
import { StepChecks } from './step-checks'
import { StoreOracle } from './store-oracle'
import { TaskPump } from './task-pump'
import { VirtualTime } from './virtual-time'

/** 2026-01-01, when every history begins. */
const START = Date.UTC(2026, 0, 1)
/** No pings: they would be sent by the real clock. */
const NEVER_MS = 2 ** 31 - 1
/** A disk keeps events waiting no longer than this. */
const SLOW_DISK_MS = 2_000

export interface SimWorldOptions {
  seed: number
  faults?: Partial<FaultRates>
  /** A new, empty store. Default: `memoryBackend`. */
  backend?: () => SyncBackend
  /** Default: the gateway's own, in this process. Then there is no oracle beside what the provider itself pulls. */
  provider?: (seat: { userId: string, workspaceId: string, now: () => number }) => SyncProvider
}

/** Devices, network and store of one history, under one clock and one source of chance. */
export class SimWorld {
  readonly seed: number
  readonly random: SeededRandom
  readonly time = new VirtualTime(START)
  readonly pump = new TaskPump()
  readonly journal = new Journal()
  readonly oracle = new StoreOracle()
  readonly network: SimNetwork
  readonly faults: FaultRates
  readonly devices: SimDevice[] = []
  readonly lines: string[] = []
  readonly checks: StepChecks
  readonly gateway: SyncGateway
  readonly members = new SimMembers()
  readonly #backend: SyncBackend
  readonly #collections: Promise<unknown>[] = []
  #slowDisk: number

  constructor(readonly options: SimWorldOptions) {
    this.seed = options.seed
    this.random = new SeededRandom(options.seed)
    this.faults = { ...DEFAULT_FAULTS, ...options.faults }
    this.#slowDisk = this.faults.slowDisk
    this.network = new SimNetwork({ time: this.time, random: this.random.fork(), faults: this.faults, log: this.log })
    this.#backend = (options.backend ?? memoryBackend)()
    this.gateway = createSyncGateway({
      schema: nextSchema as unknown as SyncSchema,
      backend: this.oracle.observe(this.#backend),
      now: () => this.time.now,
      pingMs: NEVER_MS,
      // Turns are given by the real clock, too.
      sliceMs: Infinity,
      rateLimits: { push: Infinity, pull: Infinity, cursor: Infinity },
      session: ({ node }) => this.members.session(String(node.req.headers['x-user'])),
    })
    this.checks = new StepChecks(this)
    this.pump.install()
  }

  /** Whether the store's content can be told from outside the provider. */
  get hasOracle(): boolean {
    return !this.options.provider
  }

  log = (line: string): void => {
    this.lines.push(`${String(this.time.now - START).padStart(9)} ${line}`)
  }

  /** What chance decides from here on depends on `random` alone, not on what was decided before. */
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

  /** Whether a device goes on with the copy of another one's database. */
  isCopy({ name, databaseName }: SimDevice): boolean {
    return databaseName !== SimDevice.databaseNameOf(name, this.seed)
  }

  /** Whether another device goes on with a copy of its database. */
  hasCopy(name: string): boolean {
    const original = this.devices.find(device => device.name === name)
    return this.devices.some(device => device !== original && device.databaseName === original?.databaseName)
  }

  /** A provider for one tab, without the faults. */
  connect({ userId, workspaceId, browser }: { userId: string, workspaceId: string, browser: SimBrowser }): SyncProvider {
    return this.options.provider?.({ userId, workspaceId, now: () => this.time.now })
      ?? new GatewaySyncProvider({ baseURL: 'http://simulation', fetch: gatewayFetch(this.gateway, () => browser.cookie ?? userId) })
  }

  /**
   * A copy of the store.
   *
   * @returns what restores it, with or without a new epoch, under a server that starts again; null where the store cannot be copied.
   */
  backUp(): ((announced?: boolean) => Promise<void>) | null {
    const backend = this.#backend as Partial<RestorableBackend>
    if (!backend.backUp) return null
    const [restoreStore, restoreOracle] = [backend.backUp(), this.oracle.remember()]
    return async (announced = true) => {
      this.log(`the store is restored from a copy${announced ? '' : ', and nobody says so'}`)
      restoreStore()
      restoreOracle()
      this.checks.storeRestored()
      if (announced) await this.gateway.newEpoch()
      for (const device of this.devices) for (const tab of device.tabs) tab.provider.disconnect()
    }
  }

  /** Everything from here on goes well: the network, the disk, and whoever was away comes back. */
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
      // Who was no member asks again only when there is reason to.
      device.wake()
      if (!device.tabs.length) device.open()
    }
  }

  /** Lets time go on, event by event, until `done` says so or `ms` have passed. @returns whether `done` held. */
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

  /** Lets time go on until a promise settles. */
  async finish<T>(promise: Promise<T>, ms = 600_000): Promise<T> {
    let settled = false
    const mark = () => { settled = true }
    promise.then(mark, mark)
    if (!await this.run(ms, () => settled)) throw new Error(`still waiting after ${ms} ms of virtual time`)
    return await promise
  }

  /** Takes a while of real time. The world is not closed before it has ended. */
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
