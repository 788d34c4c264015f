import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../../test/support/launch-chromium.ts'
import { bundleSoak } from './bundle-soak.ts'
import { BrowserSeat } from './device/browser-seat.ts'
import type { DeviceDump } from './device/device-events.ts'
import { NodeSeat } from './device/node-seat.ts'
import { RemoteDevice } from './device/remote-device.ts'
import { readStore, type StoredRecord } from './check/read-store.ts'
import { Nemesis } from './faults/nemesis.ts'
import { planFaults } from './faults/plan-faults.ts'
import { Relay } from './faults/relay.ts'
import { ServerChild } from './server/server-child.ts'

export interface SoakOptions {
  /** All devices, those in browsers included. */
  devices: number
  browserDevices: number
  /** Transactions a second, of all devices together. */
  rate: number
  minutes: number
  seed: number
  /** An empty folder for the store. */
  folder: string
}

/** What there is to check when everything has come to rest. */
export interface SoakResult {
  devices: readonly RemoteDevice[]
  dumps: DeviceDump[]
  store: { records: Map<string, StoredRecord>, version: number }
  faults: ReadonlyMap<string, number>
  serverStarts: number
  /** Names of devices that did not come to rest in time. */
  restless: string[]
  /** How long it took until everything had come to rest, in milliseconds. */
  restMs: number
}

const DEVICES_PER_PROCESS = 4
/** How long it may take until everything is delivered once nothing goes wrong any more, in milliseconds. */
const PATIENCE_MS = 180_000
const COLLECT_MS = 5_000

/** Devices in Node and in Chromium, a server, and a nemesis between them. */
export class SoakRun {
  readonly #options: SoakOptions
  readonly #devices: RemoteDevice[] = []
  readonly #relays: Relay[] = []
  readonly #seats: NodeSeat[] = []
  #browser: Browser | null = null
  #server!: ServerChild

  constructor(options: SoakOptions) {
    this.#options = options
  }

  /** Runs all of it. Whatever happens, nothing is left behind. */
  async run(): Promise<SoakResult> {
    try {
      this.#server = new ServerChild(await bundleSoak('server/soak-server.ts'), { path: join(this.#options.folder, 'store.sqlite') })
      await this.#server.start()
      await this.#openDevices()
      const faults = await this.#makeTrouble()
      const startedAt = performance.now()
      const restless = await this.#comeToRest()
      const restMs = performance.now() - startedAt
      const fresh = await this.#addDevice(await this.#nodeSeat(0))
      if (!await fresh.settle(PATIENCE_MS)) restless.push(fresh.name)
      const dumps = await Promise.all(this.#devices.map(device => device.dump()))
      return { devices: this.#devices, dumps, store: await readStore(this.#server.port), faults, serverStarts: this.#server.starts, restless, restMs }
    }
    finally { await this.#end() }
  }

  async #openDevices(): Promise<void> {
    const { devices, browserDevices } = this.#options
    for (let index = 0; index < devices - browserDevices; index++) await this.#addDevice(await this.#nodeSeat(Math.floor(index / DEVICES_PER_PROCESS)))
    if (!browserDevices) return
    this.#browser = await launchChromium()
    const script = await bundleSoak('device/page-host.ts', 'browser')
    for (let index = 0; index < browserDevices; index++) {
      const relay = await this.#addRelay()
      await this.#addDevice(await BrowserSeat.open(this.#browser, relay.origin, script), relay)
    }
  }

  async #nodeSeat(index: number): Promise<NodeSeat> {
    return this.#seats[index] ??= new NodeSeat(await bundleSoak('device/node-host.ts'))
  }

  async #addRelay(): Promise<Relay> {
    const relay = await Relay.open(() => this.#server.port)
    this.#relays.push(relay)
    return relay
  }

  async #addDevice(seat: NodeSeat | BrowserSeat, relay?: Relay): Promise<RemoteDevice> {
    const { origin } = relay ?? await this.#addRelay()
    const number = this.#devices.length + 1
    const device = new RemoteDevice(seat, { name: `d${number}`, userId: `user-${number % 3}`, origin, seed: this.#options.seed * 1_000 + number })
    this.#devices.push(device)
    await device.open()
    return device
  }

  /** Everybody edits while the planned faults happen. @returns how often each kind did */
  async #makeTrouble(): Promise<ReadonlyMap<string, number>> {
    const { seed, minutes, rate, devices: count } = this.#options
    const ratePerDevice = rate / count
    const nemesis = new Nemesis({ server: this.#server, devices: this.#devices, relays: this.#relays, ratePerDevice })
    await Promise.all(this.#devices.map(device => device.edit(ratePerDevice)))
    let isOver = false
    const collecting = (async () => {
      while (!isOver) {
        await pause(Math.min(COLLECT_MS, minutes * 60_000))
        for (const device of this.#devices) await device.collect()
      }
    })()
    await Promise.all([nemesis.run(planFaults(seed, minutes * 60, count)), pause(minutes * 60_000)])
    isOver = true
    await collecting
    return nemesis.counts
  }

  /** No more edits and no more faults. Waits until everybody has everything. @returns the names of those who have not, in the end */
  async #comeToRest(): Promise<string[]> {
    await Promise.all(this.#devices.map(async (device) => {
      await device.rest()
      await device.setClock(0)
    }))
    const deadline = performance.now() + PATIENCE_MS
    const left = () => Math.max(1, deadline - performance.now())
    await Promise.all(this.#devices.map(device => device.settle(left())))
    const restless = await Promise.all(this.#devices.map(async (device) => {
      // Others may have sent their last edits after this device had settled.
      for (;;) {
        const { cursor, pending } = await device.settle(left()).then(() => device.dump())
        if (pending === 0 && cursor >= (await readStore(this.#server.port)).version) break
        if (left() === 1) return device.name
        await pause(50)
      }
      await device.look()
      return null
    }))
    return restless.filter(name => name !== null)
  }

  async #end(): Promise<void> {
    for (const relay of this.#relays) relay.close()
    for (const seat of this.#seats) seat.end()
    await this.#browser?.close()
    this.#server?.thaw()
    await this.#server?.kill()
  }
}
